/** A name that exists now, and what it is: its state. */
export interface LiveName {
  readonly value: string;
  readonly description: string;
}
