import type { TestProject } from 'vitest/node';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { progressPrinter } from '../../lab/progress.ts';
import type {} from '../support/lab-fixture.ts';

let lab: Lab | undefined;

/** One simulated lab for all test files of the run. */
export async function setup(project: TestProject): Promise<void> {
  lab = await startLab({ mode: 'simulated', audit: true, onProgress: progressPrinter() });
  const { kubeconfig, temporal, auditLog } = lab;
  if (temporal?.uiUrl === undefined || auditLog === undefined) throw new Error('The lab lacks a part.');
  project.provide('lab', { kubeconfig, temporal: { ...temporal, uiUrl: temporal.uiUrl }, auditLog });
}

export async function teardown(): Promise<void> {
  await lab?.stop();
}
