import { allOf, outputOf } from '../captured-output.ts';
import type { Claim } from './claim.ts';
import type { Trial } from './trial.ts';
import { expect, failureOf } from './violation.ts';

/** Must not occur in any error, nor in the output of a submission. */
const SECRET = 'c0nf0rmance-s3cret';

/** What errors and logs must not contain. */
export const SECRECY: readonly Claim[] = [
  {
    name: 'shows no secret in its errors or output',
    check: async (trial: Trial): Promise<void> => {
      const secret = {
        'spark.hadoop.fs.s3a.secret.key': SECRET,
        'spark.kubernetes.driverEnv.API_PASSWORD': SECRET,
      };
      const refused = trial.request({ conf: { ...secret, 'spark.driver.memory': 'lots' } });
      const failing = trial.request({ conf: secret, namespace: 'no-such-namespace-for-conformance' });
      const output = await outputOf(async () => {
        await trial.succeeds(trial.request({ conf: secret }));
        for (const request of [refused, failing]) {
          const error = await failureOf(trial.submit(request), 'an invalid submission');
          expect(!allOf(error).includes(SECRET), `${error.name}, or its cause, shows the value of a secret setting`);
        }
      });
      expect(!output.includes(SECRET), 'the value of a secret setting was written to the output');
    },
  },
];
