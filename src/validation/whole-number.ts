import * as z from 'zod';

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A whole number of 32 bits, narrowed by bounds. */
export const int32 = ({ minimum = -(2 ** 31), maximum = 2 ** 31 - 1 }: Bounds = {}): z.ZodNumber =>
  wholeNumber(minimum, maximum);

/** A whole number in the range that a double represents exactly. */
export const int64 = ({
  minimum = Number.MIN_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
}: Bounds = {}): z.ZodNumber => wholeNumber(minimum, maximum);

// zod's own `int` skips the rules that span fields, but all problems of a manifest must be reported at once.
const wholeNumber = (minimum: number, maximum: number): z.ZodNumber =>
  z
    .number()
    .refine(Number.isInteger, {
      error: ({ input }) => `must be a whole number, not ${String(input)}`,
      params: { code: 'wrong_type' },
    })
    .min(minimum)
    .max(maximum)
    .meta({ type: 'integer' });
