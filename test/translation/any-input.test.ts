import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildDriverObjects, SubmissionRefused, supportedSparkVersions } from '../../src/spark/index.ts';
import { writeProperties } from '../../src/spark/properties.ts';
import { identity, submission } from './fixtures.ts';

const key = fc.oneof(
  fc.constantFrom(
    'spark.driver.memory',
    'spark.driver.memoryOverhead',
    'spark.driver.memoryOverheadFactor',
    'spark.driver.port',
    'spark.local.dir',
    'spark.jars',
    'spark.kubernetes.local.dirs.tmpfs',
    'spark.kubernetes.driver.podTemplateContainerName',
    'spark.kubernetes.driver.pod.excludedFeatureSteps',
    'spark.kubernetes.kerberos.tokenSecret.name',
  ),
  fc
    .tuple(
      fc.constantFrom('label.', 'annotation.', 'secrets.', 'secretKeyRef.', 'volumes.', 'node.selector.', 'service.'),
      fc.string(),
    )
    .map(([prefix, rest]) => `spark.kubernetes.driver.${prefix}${rest}`),
  fc
    .tuple(
      fc.constantFrom('emptyDir', 'hostPath', 'nfs', 'persistentVolumeClaim', 'constructor'),
      fc.constantFrom('a', '__proto__'),
      fc.constantFrom('mount.path', 'mount.readOnly', 'options.path', 'options.claimName', 'options.sizeLimit'),
    )
    .map((parts) => `spark.kubernetes.driver.volumes.${parts.join('.')}`),
  fc.string().map((rest) => `spark.${rest}`),
);
const value = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1g',
    '512m',
    'true',
    'OnDemand',
    'a:b',
    '{{APP_ID}}',
    '99999999999999999999',
    '1constructor',
  ),
  fc.string({ unit: 'binary' }),
);

test('any configuration becomes objects or is refused by name', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value), fc.constantFrom(...supportedSparkVersions), (conf, sparkVersion) => {
      try {
        const { pod, dependents } = buildDriverObjects(
          { ...submission, sparkVersion, conf: { ...submission.conf, ...conf } },
          identity,
        );
        expect(pod.metadata?.finalizers).toEqual(identity.finalizers);
        expect(dependents.length).toBeGreaterThanOrEqual(2);
      } catch (error) {
        expect(error).toBeInstanceOf(SubmissionRefused);
        expect(error).toMatchObject({
          key: expect.stringMatching(/./) as string,
          remedy: expect.stringMatching(/./) as string,
        });
      }
    }),
    { numRuns: 2000 },
  );
});

test('Java reads back from a properties file what was written to it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (properties) => {
      expect(readAsJava(writeProperties(properties, 'comment'))).toEqual(new Map(Object.entries(properties)));
    }),
  );
});

/** `java.util.Properties.load`, without line continuations and \uXXXX, which are never written. */
function readAsJava(file: string): Map<string, string> {
  const unescape = (text: string) =>
    text.replace(/\\(.)/gs, (_, character: string) => ({ t: '\t', n: '\n', r: '\r', f: '\f' })[character] ?? character);
  const lines = file.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, key, rest] = /^((?:[^\\=: \t\f]|\\.)*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line)!;
      return [unescape(key!), unescape(rest!)];
    }),
  );
}
