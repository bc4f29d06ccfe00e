import type { TestProject } from 'vitest/node';
import { startTemporalServer, type TemporalServer } from '../support/temporal-server.ts';
import type {} from '../support/temporal-fixture.ts';

let server: TemporalServer | undefined;

/** One Temporal server for all test files of the run. */
export async function setup(project: TestProject): Promise<void> {
  server = await startTemporalServer();
  project.provide('temporalAddress', server.address);
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
