import { FailureType } from '../protocol/failure-type.ts';

/** A defect of ours in the translation. Not retryable: the same input would fail again. */
export class TranslationFailed extends Error {
  override readonly name = 'TranslationFailed';
  readonly type = FailureType.TranslationFailed;
  readonly retryable = false;

  constructor(cause: unknown) {
    super(
      `This application triggers a defect of temporal-spark: ${String(cause)}. A retry would fail in the same way; ` +
        'please report it, with the manifest.',
      { cause },
    );
  }
}

/**
 * The result of a part of the translation. It depends only on its input, so an unexpected error would recur with each
 * try.
 *
 * @throws TranslationFailed in place of errors without a type
 */
export function translating<T>(part: () => T): T {
  try {
    return part();
  } catch (error) {
    if (error instanceof Error && 'type' in error && 'retryable' in error) throw error;
    throw new TranslationFailed(error);
  }
}
