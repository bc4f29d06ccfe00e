/** How to check a refusal with another request. Kept outside of the errors, so that no log prints it. @module */
import type { KubernetesError } from './kubernetes-error.ts';

const opinions = new WeakMap<object, () => Promise<boolean>>();

export function confirmBy(error: KubernetesError, ask: () => Promise<boolean>): void {
  opinions.set(error, ask);
}

/**
 * A second opinion on an unproven refusal, within some seconds. True where nothing else can be asked, as of a
 * certificate that is not trusted: then only time decides. False where the server is not ready, or contradicts itself.
 */
export async function isConfirmed(error: object): Promise<boolean> {
  return (await opinions.get(error)?.()) ?? true;
}
