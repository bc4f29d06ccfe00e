export const FindingStatus = { Ok: 'ok', Warning: 'warning', Failed: 'failed' } as const;
export type FindingStatus = (typeof FindingStatus)[keyof typeof FindingStatus];

/** The result of one check. Plain JSON. */
export interface Finding {
  readonly status: FindingStatus;
  /** The subject of the check, such as `pool compute (profile default)`. */
  readonly check: string;
  readonly found: string;
  /** What to do, unless it is ok. */
  readonly remedy?: string;
}

export const ok = (check: string, found: string): Finding => ({ status: FindingStatus.Ok, check, found });
export const warning = (check: string, found: string, remedy: string): Finding => ({
  status: FindingStatus.Warning,
  check,
  found,
  remedy,
});
export const failed = (check: string, found: string, remedy: string): Finding => ({
  status: FindingStatus.Failed,
  check,
  found,
  remedy,
});
