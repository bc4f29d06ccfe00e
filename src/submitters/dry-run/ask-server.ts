import {
  Finality,
  finalityOf,
  isKubernetesError,
  KubernetesErrorType,
  resourceOf,
  type CallOptions,
  type KubernetesClient,
  type KubernetesError,
} from '../../kubernetes/index.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';

/** What the answer to a dry run proves. */
export const Answer = {
  /** The API server would create the object, or would but for its name or a full quota. */
  Taken: 'taken',
  /** It would not, whenever it is asked. */
  Refused: 'refused',
  /** This user may not create such objects: the object is not judged. */
  NotAllowed: 'not-allowed',
} as const;
export type Answer = (typeof Answer)[keyof typeof Answer];

export type DryRunAnswer =
  | { readonly answer: typeof Answer.Taken }
  | { readonly answer: typeof Answer.Refused | typeof Answer.NotAllowed; readonly error: KubernetesError };

/**
 * The API server looks for the name, and counts the quota, after it has validated and admitted the object: a driver of
 * a previous try is adopted, and other objects of the namespace may finish.
 */
const BUT_FOR: readonly KubernetesErrorType[] = [KubernetesErrorType.AlreadyExists, KubernetesErrorType.QuotaExceeded];

/** Of a webhook with side effects: such a cluster answers no dry run. */
const WITHOUT_DRY_RUN = /does not support dry run/;

/**
 * Asks the API server whether it would create an object, and creates nothing. A field that it does not know is refused,
 * instead of dropped.
 *
 * @throws KubernetesError that proves nothing about the object, because the same request may succeed later
 */
export async function askServer(
  kubernetes: KubernetesClient,
  object: KubernetesObject,
  options: CallOptions = {},
): Promise<DryRunAnswer> {
  try {
    await kubernetes.create(resourceOf(object), object, { ...options, dryRun: true, fieldValidation: 'Strict' });
    return { answer: Answer.Taken };
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
    const { type, message } = error;
    if (BUT_FOR.includes(type) || WITHOUT_DRY_RUN.test(message)) return { answer: Answer.Taken };
    if (type === KubernetesErrorType.Forbidden) return { answer: Answer.NotAllowed, error };
    if (finalityOf(type) === Finality.Final) return { answer: Answer.Refused, error };
    throw error;
  }
}
