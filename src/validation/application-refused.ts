import type { ProblemPath } from './problem.ts';

/** A value of a manifest that an application is refused for. */
export interface RefusedField {
  readonly path: ProblemPath;
  /** Which value is refused there. @default the one that is there */
  readonly value?: string;
}

/** An application that is refused for what it asks for. Not retryable. */
export abstract class ApplicationRefused extends Error {
  abstract readonly type: string;
  readonly retryable = false;
  /** Where the manifest may have what is refused. */
  readonly fields: readonly RefusedField[];

  protected constructor(message: string, fields: readonly RefusedField[]) {
    super(message);
    this.fields = fields;
  }
}
