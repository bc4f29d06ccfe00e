import { isKubernetesError, KubernetesErrorType } from '../kubernetes/index.ts';

/** For a conditional write: where the object has changed, its change is on the way, and is reconciled. */
export function ignoreChanged(error: unknown): undefined {
  const { NotFound, Invalid, Conflict } = KubernetesErrorType;
  if (![NotFound, Invalid, Conflict].some((type) => isKubernetesError(error, type))) throw error;
  return undefined;
}
