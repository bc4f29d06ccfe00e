/** Of the gate: the same inputs each time, so that a failure is of the change and not of chance. */
export const SEED = 20261130;

/**
 * The seed of a test with random inputs: always the same in the gate, another each time in `npm run test:all`.
 *
 * @param variable of the environment that sets it
 * @param gate one that suits the test better
 */
export function seedOf(variable: string, gate = SEED): number {
  const given = process.env[variable];
  const seed = given === undefined ? byLane({ test: gate, all: Math.trunc(Math.random() * 2 ** 31) }) : Number(given);
  console.log(`${variable}=${seed}`);
  return seed;
}

/** What a randomised test tries: enough to notice in the gate, and much more in `npm run test:all`. */
export function byLane<T>({ test, all }: { test: T; all: T }): T {
  return process.env['TEST_LANE'] === 'all' ? all : test;
}
