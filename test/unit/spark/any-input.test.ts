import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Service } from '../../../src/kubernetes/objects.ts';
import { ManifestError, parseManifest, type SparkManifest } from '../../../src/manifest/index.ts';
import {
  buildDriverObjects,
  findRefusals,
  SubmissionRefused,
  supportedSparkVersions,
} from '../../../src/spark/index.ts';
import { writeProperties } from '../../../src/spark/driver/write-properties.ts';
import { byLane } from '../../support/lane.ts';
import { mutationsOf } from '../manifest/mutations.ts';
import { identity, manifest, ofKind, submission } from './fixtures.ts';

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
        const [service] = ofKind<Service>(dependents, 'Service');
        expect(pod.metadata?.labels).toMatchObject(service!.spec!.selector!);
      } catch (error) {
        expect(error).toBeInstanceOf(SubmissionRefused);
        expect(error).toMatchObject({
          key: expect.stringMatching(/./) as string,
          remedy: expect.stringMatching(/./) as string,
        });
      }
    }),
    { numRuns: byLane({ test: 1_000, all: 5_000 }) },
  );
});

/** Every field of Kubernetes' own that the translation reads. */
const template = {
  metadata: { labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['a/b'] },
  spec: {
    containers: [
      {
        name: 'spark-kubernetes-driver',
        args: ['a'],
        command: ['b'],
        env: [
          { name: 'A', value: 'b' },
          { name: 'B', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
        ],
        envFrom: [{ configMapRef: { name: 'a' } }],
        ports: [{ name: 'a', containerPort: 1 }],
        resources: { limits: { memory: '1Gi' }, requests: { cpu: 1 } },
        securityContext: { capabilities: { add: ['A'] }, runAsUser: 1 },
        volumeMounts: [{ name: 'a', mountPath: '/a' }],
      },
      { name: 'sidecar', image: 'a', args: ['b'] },
    ],
    initContainers: [{ name: 'first', image: 'a', volumeMounts: [{ name: 'a', mountPath: '/b' }] }],
    imagePullSecrets: [{ name: 'a' }],
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
    nodeSelector: { a: 'b' },
    overhead: { cpu: '1' },
    securityContext: { fsGroup: 1, supplementalGroups: [1] },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }],
    volumes: [
      { name: 'a', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'b', configMap: { name: 'a', items: [{ key: 'a', path: 'b' }] } },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
        },
      },
    },
    dnsConfig: { nameservers: ['10.0.0.1'] },
  },
};
const { containers: sidecars, initContainers, volumes, tolerations, affinity, hostAliases, dnsConfig } = template.spec;
const [{ env, envFrom, volumeMounts, securityContext }] = sidecars as [Required<(typeof sidecars)[0]>];
const inRole = {
  template,
  sidecars,
  initContainers,
  tolerations,
  affinity,
  hostAliases,
  dnsConfig,
  env,
  envFrom,
  volumeMounts,
  securityContext,
};
const batch = { batchScheduler: 'volcano', batchSchedulerOptions: { resources: { cpu: '1' } } };

test('any manifest that is accepted becomes objects, or is refused by name', () => {
  let accepted = 0;
  const complete = manifest({ volumes, driver: inRole, executor: inRole, ...batch });
  fc.assert(
    fc.property(mutationsOf(complete), (mutated) => {
      let checked: SparkManifest;
      try {
        checked = parseManifest(mutated);
      } catch (error) {
        expect(error).toBeInstanceOf(ManifestError);
        return;
      }
      if (checked.kind !== 'SparkApplication') return;
      accepted++;
      for (const problem of findRefusals(checked)) expect(problem.message).toMatch(/./);
    }),
    { numRuns: byLane({ test: 1_000, all: 10_000 }) },
  );
  expect(accepted).toBeGreaterThan(50);
});

test('Java reads back from a properties file what was written to it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (properties) => {
      expect(readAsJava(writeProperties(properties, 'comment'))).toEqual(new Map(Object.entries(properties)));
    }),
  );
});

/** `java.util.Properties.load`, without what is never written: line continuations, and characters by their code. */
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
