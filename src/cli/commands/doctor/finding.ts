export const FindingStatus = { Ok: 'ok', Warning: 'warning', Failed: 'failed' } as const;
export type FindingStatus = (typeof FindingStatus)[keyof typeof FindingStatus];

/** What one check found. Plain JSON. */
export interface Finding {
  readonly status: FindingStatus;
  /** What was looked at, such as `nodes of pool compute`. */
  readonly check: string;
  readonly found: string;
  /** What to do about it, where it is not ok. */
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
