/** A submitter that breaks its contract; the message states what was expected and what happened. */
export class ConformanceViolation extends Error {
  override readonly name = 'ConformanceViolation';
}

export function expect(holds: boolean, violation: string): asserts holds {
  if (!holds) throw new ConformanceViolation(violation);
}

export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  expect(found === wanted, `${what}: ${found}, where ${wanted} was expected`);
}

/** The error states by `type` what failed, and by `retryable` whether to retry. */
export function expectKind(error: Error, retryable: boolean, what = 'the error'): void {
  const { type, retryable: actual } = error as { readonly type?: unknown; readonly retryable?: unknown };
  expect(typeof type === 'string', `${what}: the error has no type`);
  expectEqual(`${what}: retryable`, actual, retryable);
}

/** The error of a submission that must fail. */
export async function failureOf(submission: Promise<unknown>, what: string): Promise<Error> {
  const error: unknown = await submission.then(
    (returned) => new ConformanceViolation(`${what} did not fail: it returned ${JSON.stringify(returned)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof ConformanceViolation) throw error;
  expect(error instanceof Error, `${what} did not fail with an Error, but with ${JSON.stringify(error)}`);
  return error;
}
