import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { checkPod } from '../../../src/pod-rules/index.ts';
import { container, main, pod, problemsOf } from './support.ts';

const scratch = { name: 'scratch', emptyDir: {} };
const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
test('a pod with every group of fields has no problem', () => {
  const full = pod(
    {
      volumes: [
        scratch,
        { name: 'key', secret: { secretName: 'team.key', defaultMode: 0o400, items: [{ key: 'a', path: 'b/c' }] } },
        { name: 'all', projected: { sources: [{ configMap: { name: 'a' } }, { secret: { name: 'b' } }] } },
        { name: 'default' },
      ],
      containers: [
        {
          ...main,
          env: [
            { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
            { name: 'TEAM', valueFrom: { fieldRef: { fieldPath: "metadata.labels['example.com/team']" } } },
          ],
          envFrom: [{ configMapRef: { name: 'settings' }, prefix: 'APP_' }],
          ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 8081 }],
          resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '0.5', 'nvidia.com/gpu': '1' } },
          volumeMounts: [
            { name: 'scratch', mountPath: '/a' },
            { name: 'scratch', mountPath: '/b', subPath: 'b' },
          ],
          livenessProbe: { httpGet: { port: 'http' }, periodSeconds: 5 },
          lifecycle: { preStop: { exec: { command: ['sync'] } } },
          securityContext: { runAsUser: 185, seccompProfile: { type: 'RuntimeDefault' } },
        },
      ],
      initContainers: [{ name: 'first', image: 'localhost:5000/init@sha256:' + 'a'.repeat(64) }],
      tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 5 }],
      affinity: {
        nodeAffinity: {
          [preferred]: [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }],
        },
        podAffinity: {
          [required]: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } }],
        },
      },
      securityContext: { fsGroup: 0, supplementalGroups: [2 ** 31 - 1] },
      hostAliases: [{ ip: '2001:db8::1', hostnames: ['db.test'] }],
      dnsConfig: { nameservers: ['10.0.0.1'], searches: ['_srv.team.svc.'] },
    },
    { labels: { 'example.com/team': 'blue' }, annotations: { 'Example.com/Note': 'any text' } },
  );
  expect(problemsOf(full)).toEqual([]);
});

describe('rejects, with the path and the words of the API server', () => {
  test.each<[string, Pod, string]>([
    ['a name', pod({}, { name: 'App' }), 'metadata.name: Invalid value: "App": a lowercase RFC 1123 subdomain must'],
    ['a label', pod({}, { labels: { a: 'b c' } }), 'metadata.labels.a: Invalid value: "b c": a valid label must be'],
    ['a key', pod({}, { labels: { '/a': 'b' } }), 'metadata.labels["/a"]: Invalid value: "/a": prefix part must be'],
    [
      'annotations beyond their size',
      pod({}, { annotations: { a: 'x'.repeat(262_144) } }),
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
    ['a volume twice', pod({ volumes: [scratch, scratch] }), 'spec.volumes[1].name: Duplicate value: "scratch"'],
    [
      'a dot',
      pod({ volumes: [{ ...scratch, name: 'a.b' }] }),
      'spec.volumes[0].name: Invalid value: "a.b": must not contain dots',
    ],
    [
      'a long name of a volume',
      pod({ volumes: [{ ...scratch, name: 'v'.repeat(64) }] }),
      `spec.volumes[0].name: Invalid value: "${'v'.repeat(64)}": must be no more than 63 characters`,
    ],
    [
      'a second source',
      pod({ volumes: [{ ...scratch, secret: { secretName: 'a' } }] }),
      'spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'a decimal mode',
      pod({ volumes: [{ name: 'a', configMap: { name: 'a', defaultMode: 644 } }] }),
      'spec.volumes[0].configMap.defaultMode: Invalid value: 644: must be a number between 0 and 0777 (octal)',
    ],
    [
      'a file above the volume',
      pod({ volumes: [{ name: 'a', secret: { secretName: 'a', items: [{ key: 'k', path: '../p' }] } }] }),
      'spec.volumes[0].secret.items[0].path: Invalid value: "../p": must not contain \'..\'',
    ],
    [
      'a mount of no volume',
      container({ volumeMounts: [{ name: 'gone', mountPath: '/a' }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "gone"',
    ],
    [
      'a path twice',
      container({ volumeMounts: [1, 2].map(() => ({ name: 'scratch', mountPath: '/a' })) }, { volumes: [scratch] }),
      'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
    ],
    [
      'an absolute subPath',
      container({ volumeMounts: [{ name: 'scratch', mountPath: '/a', subPath: '/b' }] }, { volumes: [scratch] }),
      'spec.containers[0].volumeMounts[0].subPath: Invalid value: "/b": must be a relative path',
    ],
    ['a container twice', pod({ containers: [main, main] }), 'spec.containers[1].name: Duplicate value: "main"'],
    [
      'an init container of that name',
      pod({ initContainers: [main] }),
      'spec.initContainers[0].name: Duplicate value: "main"',
    ],
    [
      'a container in capitals',
      container({ name: 'Main' }),
      'spec.containers[0].name: Invalid value: "Main": a lowercase RFC 1123',
    ],
    ['no image', container({ image: '' }), 'spec.containers[0].image: Required value'],
    [
      'a padded image',
      container({ image: 'a:1 ' }),
      'spec.containers[0].image: Invalid value: "a:1 ": must not have leading',
    ],
    [
      'a long port name',
      container({ ports: [{ name: 'sixteen-letters-', containerPort: 1 }] }),
      'spec.containers[0].ports[0].name: Invalid value: "sixteen-letters-": must be no more than 15',
    ],
    [
      'a port name of digits',
      container({ ports: [{ name: '80', containerPort: 80 }] }),
      'spec.containers[0].ports[0].name: Invalid value: "80": must contain at least one letter',
    ],
    [
      'a port name twice',
      container({ ports: [8080, 8081].map((containerPort) => ({ name: 'http', containerPort })) }),
      'spec.containers[0].ports[1].name: Duplicate value: "http"',
    ],
    [
      'a port of the node twice',
      container({ ports: [1, 2].map(() => ({ containerPort: 8080 })) }, { hostNetwork: true }),
      'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//8080"',
    ],
    [
      'a variable',
      container({ env: [{ name: 'A=B' }] }),
      'spec.containers[0].env[0].name: Invalid value: "A=B": a valid',
    ],
    [
      'a key of a Secret',
      container({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'a', key: 'b c' } } }] }),
      'spec.containers[0].env[0].valueFrom.secretKeyRef.key: Invalid value: "b c": a valid config key must',
    ],
    [
      'a value with a source',
      container({ env: [{ name: 'A', value: 'b', valueFrom: { configMapKeyRef: { name: 'a', key: 'b' } } }] }),
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      'a request above its limit',
      container({ resources: { requests: { cpu: '1' }, limits: { cpu: '999m' } } }),
      'spec.containers[0].resources.requests.cpu: Invalid value: "1": must be less than or equal to cpu limit of 999m',
    ],
    [
      'half a device',
      container({ resources: { limits: { 'nvidia.com/gpu': '500m' } } }),
      'spec.containers[0].resources.limits["nvidia.com/gpu"]: Invalid value: "500m": must be an integer',
    ],
    [
      'an unknown resource',
      container({ resources: { limits: { gpu: '1' } } }),
      'spec.containers[0].resources.limits.gpu: Invalid value: "gpu": must be a standard resource for containers',
    ],
    [
      'a negative amount',
      container({ resources: { requests: { cpu: '-1' } } }),
      'spec.containers[0].resources.requests.cpu: Invalid value: "-1": must be greater',
    ],
    [
      'no amount',
      container({ resources: { requests: { cpu: 'two' } } }),
      'spec.containers[0].resources.requests.cpu: Invalid value: "two": must be a quantity',
    ],
    [
      'a probe without a handler',
      container({ livenessProbe: { periodSeconds: 1 } }),
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
    [
      'two handlers',
      container({ readinessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 } } }),
      'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
    [
      'a hook of an init container',
      pod({ initContainers: [{ ...main, name: 'first', lifecycle: {} }] }),
      'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
    [
      'a user',
      container({ securityContext: { runAsUser: -1 } }),
      'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647',
    ],
    [
      'a profile',
      pod({ securityContext: { seccompProfile: { type: 'Localhost' } } }),
      'spec.securityContext.seccompProfile.localhostProfile: Required value',
    ],
    [
      'a policy',
      pod({ securityContext: { fsGroupChangePolicy: 'Never' } }),
      'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"',
    ],
    [
      'an address',
      pod({ hostAliases: [{ ip: '10.0.0.256' }] }),
      'spec.hostAliases[0].ip: Invalid value: "10.0.0.256": must be a valid IP address',
    ],
    ['a host name', pod({ hostname: 'a_b' }), 'spec.hostname: Invalid value: "a_b": a lowercase RFC 1123 label'],
    [
      'too many name servers',
      pod({ dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } }),
      'spec.dnsConfig.nameservers: Invalid value: must not have more than 3 nameservers',
    ],
    [
      'a claim without a size',
      pod({
        volumes: [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }],
      }),
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.storage: Required value',
    ],
  ])('%s', (_what, checked, expected) => {
    expect(problemsOf(checked)).toEqual([expect.stringContaining(expected)]);
  });
});

test('a mount of a volume that is refused itself is not a second problem', () => {
  const mounted = container(
    { volumeMounts: [{ name: 'A_B', mountPath: '/a' }] },
    { volumes: [{ name: 'A_B', emptyDir: {} }] },
  );
  expect(problemsOf(mounted)).toHaveLength(1);
});

test('a template with anything in the place of lists and maps is checked without an error', () => {
  for (const odd of [null, 1, 'text', [null], {}, [[]]]) {
    const fields = [
      'volumes',
      'initContainers',
      'tolerations',
      'hostAliases',
      'topologySpreadConstraints',
      'readinessGates',
    ];
    const inContainer = ['ports', 'env', 'envFrom', 'volumeMounts', 'resources', 'securityContext', 'resizePolicy'];
    const spec = Object.fromEntries(fields.map((field) => [field, odd]));
    expect(() => checkPod(container(Object.fromEntries(inContainer.map((field) => [field, odd])), spec))).not.toThrow();
  }
});
