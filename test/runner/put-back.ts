// For suites whose files share a process: what a test changed of it is put back after each test, or the test fails.
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';

const before = () => ({ environment: { ...process.env }, directory: process.cwd() });
let atFirst: ReturnType<typeof before>;

beforeAll(() => {
  atFirst = before();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

afterAll(() => {
  expect(before(), 'what this file left behind').toEqual(atFirst);
});
