import { describe, expect, it } from 'vitest';
import { parseSparkApplication, type SparkApplicationManifest } from '../../../src/manifest/index.ts';
import { attemptSubmission, driverServiceAccount } from '../../../src/spark/index.ts';
import { driverObjects } from '../../../src/submitters/index.ts';
import { sparkPi } from '../../support/manifests.ts';
import { identity } from './fixtures.ts';

const template = { spec: { containers: [{ name: 'spark' }], serviceAccountName: 'templated' } };

function pi(change: (spec: SparkApplicationManifest['spec']) => void): SparkApplicationManifest {
  const manifest = sparkPi({ name: 'pi', namespace: 'default' });
  change(manifest.spec);
  return manifest;
}

const CASES: readonly [what: string, account: string, change: (spec: SparkApplicationManifest['spec']) => void][] = [
  ['no account', 'default', ({ driver }) => delete driver.serviceAccount],
  ['an account', 'spark', () => {}],
  ['an account over its template', 'spark', ({ driver }) => (driver.template = template)],
  [
    'the account of its template',
    'templated',
    ({ driver }) => {
      delete driver.serviceAccount;
      driver.template = template;
    },
  ],
  [
    'the deprecated field of its template',
    'templated',
    ({ driver }) => {
      delete driver.serviceAccount;
      driver.template = { spec: { containers: [{ name: 'spark' }], serviceAccount: 'templated' } };
    },
  ],
];

describe('the service account of a driver', () => {
  it.each(CASES)('is that of its pod: %s', (_, account, change) => {
    const manifest = pi(change);
    const submission = attemptSubmission(parseSparkApplication(manifest), identity);
    const { serviceAccountName, serviceAccount } = driverObjects({ submission, identity }).pod.spec!;
    expect(driverServiceAccount(manifest)).toBe(account);
    expect(serviceAccountName || serviceAccount || 'default').toBe(account);
  });

  it('is read from a manifest of any shape', () => {
    const odd = { spec: { driver: { serviceAccount: 7, template: [] } } };
    expect(driverServiceAccount(odd as unknown as SparkApplicationManifest)).toBe('default');
  });
});
