import { FailureType } from '../protocol/failure-type.ts';

/** A defect of ours in the translation. Not retryable: the same input would meet it again. */
export class TranslationFailed extends Error {
  override readonly name = 'TranslationFailed';
  readonly type = FailureType.TranslationFailed;
  readonly retryable = false;

  constructor(cause: unknown) {
    super(
      `This application meets a defect of temporal-spark: ${String(cause)}. No further try would end otherwise; ` +
        'please report it, with the manifest.',
      { cause },
    );
  }
}

/**
 * What a part of the translation makes. It depends on nothing but its input, so an error that it does not know would
 * come again with each try.
 *
 * @throws TranslationFailed in place of errors that do not say of which type they are
 */
export function translating<T>(part: () => T): T {
  try {
    return part();
  } catch (error) {
    if (error instanceof Error && 'type' in error && 'retryable' in error) throw error;
    throw new TranslationFailed(error);
  }
}
