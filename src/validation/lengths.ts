import type { Explanation } from './problem.ts';

/**
 * The most characters of a text, by what it is. Arguments, values of variables and of configuration, and the contents of
 * files may be as long as a manifest: what looks at those takes time in proportion to their length.
 */
export const Longest = {
  /** A name, an address, a command: what is not the content of a file. */
  Line: 2 ** 16,
  /** A path of Linux, and so a key of any map: some keys are paths. */
  Path: 4_096,
  /** The times of a schedule. */
  Schedule: 1_024,
  /** A number, a duration, a version, a word. */
  Setting: 256,
} as const;

/** Why a text of this length cannot be used; undefined if it can. */
export function lengthFault({ length }: string, longest: number): Explanation | undefined {
  if (length <= longest) return undefined;
  return { code: 'too_long', message: `has ${length} characters`, allowed: `at most ${longest} characters` };
}

/** The longest time that a manifest can name, in seconds: a year. No date that follows from it is out of range. */
export const LONGEST_SECONDS = 365 * 24 * 3_600;
export const LONGEST_MS = LONGEST_SECONDS * 1_000;
