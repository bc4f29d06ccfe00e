/** What a randomised test tries: enough to notice in the gate, and much more in `npm run test:all`, where nobody waits. */
export function byLane<T>({ test, all }: { test: T; all: T }): T {
  return process.env['TEST_LANE'] === 'all' ? all : test;
}
