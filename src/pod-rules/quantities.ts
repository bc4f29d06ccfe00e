import { quantity } from '../validation/quantity.ts';

const QUANTITY = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;

/** Why a text is not a quantity; the API server cannot read the pod then. */
export function quantityFault(text: string): string | undefined {
  if (!QUANTITY.test(text)) return 'must be a quantity, for example 500m, 2 or 4Gi';
  return isNegative(text) ? 'must be greater than or equal to 0' : undefined;
}

export const isNegative = (text: string | number | undefined): boolean => quantity(text) < 0;
export const isPositive = (text: string | number | undefined): boolean => quantity(text) > 0;
export const isWhole = (text: string): boolean => Number.isInteger(rounded(quantity(text)));

/** Below zero where the first is less, zero where both are the same amount. */
export const compareQuantities = (first: string, second: string): number =>
  rounded(quantity(first)) - rounded(quantity(second));

// The smallest amount that counts is a thousandth; what is beyond comes from binary fractions.
const rounded = (amount: number): number => Math.round(amount * 1e6) / 1e6;
