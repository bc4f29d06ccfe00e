import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/**
 * What an activity runs in, without a server. What the activity logs belongs to the output of its test, which Vitest
 * prints where that fails: errors by their message only, because most tests of activities expect some.
 */
export class ActivityEnvironment extends MockActivityEnvironment {
  constructor(...[info, options]: ConstructorParameters<typeof MockActivityEnvironment>) {
    super(info, { logger, ...options });
  }
}

const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
  const { error } = (meta ?? {}) as { readonly error?: Error };
  console.log(`[${level}] ${message}${error === undefined ? '' : `: ${String(error)}`}`);
});
