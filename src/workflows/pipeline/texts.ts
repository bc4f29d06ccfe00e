const MESSAGE_LIMIT = 1000;

/** The workflow's clock: the time of its last task, the same in every replay. RFC 3339. */
export function now(): string {
  return new Date().toISOString();
}

/** The message, cut to a length that a record can hold. */
export function shortened(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
