/** Items of a fan-out that have succeeded while others have not. */
export interface DoneItems {
  /** How many items there are. */
  readonly total: number;
  /** The outputs of each that is done, by its index. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A stage that an earlier run has done. */
export interface KeptStage {
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Only these of its items are done: the stage runs, for the others. @default all are done */
  readonly done?: DoneItems;
}

/** The results that an earlier run leaves to a later one. */
export type KeptStages = Readonly<Record<string, KeptStage>>;
