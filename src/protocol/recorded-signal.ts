/** A signal as a history has it: that a workflow received, or that it sent. */
export interface RecordedSignal {
  readonly name: string;
  readonly args: readonly unknown[];
}
