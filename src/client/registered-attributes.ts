import { isGrpcServiceError } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';

/** How long the attributes are assumed to be missing. */
const ASK_AGAIN_MS = 60_000;
const INVALID_ARGUMENT = 3;

/**
 * Our search attributes, as far as the server knows them: `temporal-spark setup` registers them, and everything works
 * without. A client that may start workflows may lack the permission to list them, so this tries.
 */
export class RegisteredAttributes {
  private missingUntil = 0;

  /** Runs it with search attributes, or without where the server does not know them. */
  async use<T>(work: (registered: boolean) => Promise<T>): Promise<T> {
    if (Date.now() < this.missingUntil) return work(false);
    try {
      return await work(true);
    } catch (error) {
      if (!namesUnknownAttribute(error)) throw error;
      this.missingUntil = Date.now() + ASK_AGAIN_MS;
      return work(false);
    }
  }

  /** Starts something with these attributes, or without. */
  start<T>(
    attributes: SearchAttributePair[],
    work: (options: { typedSearchAttributes?: SearchAttributePair[] }) => Promise<T>,
  ): Promise<T> {
    return this.use((registered) => work(registered ? { typedSearchAttributes: attributes } : {}));
  }
}

/** What the clients of one `SparkClient` share. */
export interface ClientParts {
  readonly taskQueue: string;
  /** @default the server is asked again */
  readonly attributes?: RegisteredAttributes;
  /** Milliseconds that a request waits for a worker. @default 15000 */
  readonly answerTimeoutMs?: number;
}

function namesUnknownAttribute(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && (cause.code as number) === INVALID_ARGUMENT) {
      return /search attribute/i.test(cause.details);
    }
  }
  return false;
}
