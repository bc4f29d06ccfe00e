import * as z from 'zod';

const error = 'must be a whole number of at least 1';

/** The number in the text of an environment variable: whole, and at least 1. */
export const positive = z.coerce.number(error).int(error).positive(error);
