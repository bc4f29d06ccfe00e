import { inject, onTestFinished } from 'vitest';
import type { Lab, LabOptions } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { makeNamespace } from './namespace.ts';

/** What a test gets of the lab that its whole project shares. */
export interface SharedLab {
  readonly kubeconfig: string;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly uiUrl: string };
  readonly auditLog: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    lab: SharedLab;
  }
}

/**
 * The simulated lab of this run (project `cluster`): one for all test files, so keep to a namespace of your own
 * (`createNamespace`) and neither kill its components nor change its nodes.
 */
export function sharedLab(): SharedLab {
  return inject('lab');
}

export interface NamespaceOptions {
  /** @default the shared lab */
  readonly lab?: Pick<SharedLab, 'kubeconfig'>;
  /** Begin of the name; a random end is added. @default "test" */
  readonly prefix?: string;
}

/**
 * Makes a namespace that takes pods, with a service account `spark` that may do what Spark's driver does; returns its
 * name. It goes with the lab.
 */
export async function createNamespace(options: NamespaceOptions = {}): Promise<string> {
  const { lab = sharedLab(), prefix = 'test' } = options;
  return makeNamespace(lab.kubeconfig, prefix);
}

/** A lab for one test alone, to be broken at will; stopped when the test ends. */
export async function privateLab(options: Partial<LabOptions> = {}): Promise<Lab> {
  const lab = await startLab({ mode: 'simulated', ...options });
  onTestFinished(() => lab.stop());
  return lab;
}
