const MESSAGE_LIMIT = 1000;

/** The workflow's clock: the time of its last task, the same in every replay. RFC 3339. */
export function now(): string {
  return new Date().toISOString();
}

/** @param limit in characters; by default a length that a record can hold */
export function shortened(message: string, limit: number = MESSAGE_LIMIT): string {
  return message.length <= limit ? message : `${message.slice(0, limit - 1)}…`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
