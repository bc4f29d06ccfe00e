/** How to check a refusal with another request. Kept outside of the errors, so that no log prints it. @module */
import type { KubernetesError } from './kubernetes-error.ts';

/** The answer of an API server that is asked otherwise about its refusal. */
export const Opinion = {
  Confirms: 'confirms',
  /** It would allow, or serves, what was refused. */
  Contradicts: 'contradicts',
  /** It is not ready, or does not answer. */
  Undecided: 'undecided',
} as const;
export type Opinion = (typeof Opinion)[keyof typeof Opinion];

const opinions = new WeakMap<object, () => Promise<Opinion>>();

export function confirmBy(error: KubernetesError, ask: () => Promise<Opinion>): void {
  opinions.set(error, ask);
}

/**
 * A second opinion on an unproven refusal, within some seconds. Confirms where nothing else can be asked, as of a
 * certificate that is not trusted: then only time decides.
 */
export async function opinionOn(error: object): Promise<Opinion> {
  return (await opinions.get(error)?.()) ?? Opinion.Confirms;
}
