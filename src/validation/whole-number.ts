import * as z from 'zod';
import { present } from './present.ts';

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  /** What to do where a part of one is wanted. */
  readonly forFractions?: string;
}

/** A whole number of 32 bits, narrowed by bounds. */
export const int32 = ({ minimum = -(2 ** 31), maximum = 2 ** 31 - 1, forFractions }: Bounds = {}): z.ZodNumber =>
  wholeNumber(minimum, maximum, forFractions);

/** A whole number in the range that a double represents exactly. */
export const int64 = ({
  minimum = Number.MIN_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
}: Bounds = {}): z.ZodNumber => wholeNumber(minimum, maximum);

// zod's own `int` skips the rules that span fields, but all problems of a manifest must be reported at once.
const wholeNumber = (minimum: number, maximum: number, remedy?: string): z.ZodNumber =>
  z
    .number()
    .refine(Number.isInteger, {
      error: ({ input }) => `must be a whole number, not ${String(input)}`,
      params: { code: 'wrong_type', ...present({ remedy }) },
    })
    .min(minimum)
    .max(maximum)
    .meta({ type: 'integer' });
