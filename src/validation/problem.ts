/** Where in a document: `['spec', 'driver', 'env', 0, 'value']`. */
export type ProblemPath = readonly (string | number)[];

/** One problem of a manifest, for users and for programs. Plain JSON. */
export interface ManifestProblem {
  /** Name of the file, where the manifest came from one. */
  readonly file?: string;
  /** Which document of the file, counted from 1. */
  readonly document: number;
  /** Where in the document, for example `['spec', 'driver', 'cores']`; empty for the document as a whole. */
  readonly path: ProblemPath;
  /** The path as text, for example `spec.driver.cores`. */
  readonly pathText: string;
  /** The value found there, if it is a scalar and does not look like a secret. */
  readonly value?: string | number | boolean;
  /** What is wrong, to be read after the path. */
  readonly message: string;
  /** The allowed values. */
  readonly allowed?: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Line in the file, counted from 1. */
  readonly line?: number;
  /** Column in the line, counted from 1. */
  readonly column?: number;
  /** Machine-readable kind of problem, for example `unknown_field`. */
  readonly code: string;
}

/** A problem before the position of its document is known. */
export type FoundProblem = Omit<ManifestProblem, 'file' | 'document' | 'pathText' | 'line' | 'column'>;

/** What is wrong and what to do, without the place. */
export type Explanation = Omit<FoundProblem, 'path' | 'value'>;

/** A broken rule, before the value that breaks it is looked up. */
export type Violation = Omit<FoundProblem, 'value'> & {
  /** The type that the value should have: then the message is completed with the value. */
  readonly expected?: string;
};
