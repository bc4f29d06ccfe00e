import fc from 'fast-check';

type Json = Record<string, unknown>;
/** A change of an application's spec. */
type Change = (spec: Json) => void;

const name = fc.constantFrom('a', 'b', 'data', 'a.b', 'A', 'a_b', '-a', 'x'.repeat(64), 'x'.repeat(57), '9');
const path = fc.constantFrom('/a', '/b', '/opt/spark/conf', '/etc/x', 'relative', '/a/../b');
const qualified = fc.constantFrom('a', 'example.com/a', '/a', 'a/b/c', 'A_b.c', '-a', 'x'.repeat(64), 'Example.com/a');
const labelValue = fc.constantFrom('', 'a', 'A_b-c.d', 'a b', '-a', 'x'.repeat(64));
const image = fc.constantFrom('a:1', 'registry.test/a/b:1', 'a:1 ', 'localhost/a');
const amount = fc.constantFrom('0', '1', '500m', '0.5', '2', '1Gi', '-1', '1e3', '1.5');
const port = fc.constantFrom(1, 80, 7079, 65_535);
const portName = fc.constantFrom('http', 'spark-ui', 'blockmanager', 'a_b', 'A', '80', '-a', 'a--b', 'x'.repeat(16));
const mode = fc.constantFrom(0, 0o400, 0o777, 644, 0o1000, -1);
const id = fc.constantFrom(-1, 0, 1000, 2 ** 31 - 1, 2 ** 31);
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const record = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Json> =>
  fc.record(fields).map((value) => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)));
const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { minLength: 1, maxLength: 2 });

const keys = few(
  record({
    key: fc.constantFrom('k', ''),
    path: fc.constantFrom('p', 'p/q', '/p', '../p', '..p', ''),
    mode: optional(mode),
  }),
);
const source = fc.oneof(
  record({ emptyDir: record({ sizeLimit: optional(amount), medium: optional(fc.constantFrom('', 'Memory')) }) }),
  record({
    secret: record({ secretName: fc.constantFrom('s', ''), defaultMode: optional(mode), items: optional(keys) }),
  }),
  record({ configMap: record({ name: fc.constantFrom('c', ''), defaultMode: optional(mode), items: optional(keys) }) }),
  record({
    hostPath: record({
      path: fc.constantFrom('/h', '/h/../x', ''),
      type: optional(fc.constantFrom('', 'Directory', 'Folder')),
    }),
  }),
  record({ nfs: record({ server: fc.constantFrom('s', ''), path: fc.constantFrom('/p', 'p') }) }),
  record({ persistentVolumeClaim: record({ claimName: fc.constantFrom('c', '') }) }),
  record({
    projected: record({
      defaultMode: optional(mode),
      sources: few(record({ secret: record({ name: fc.constant('s'), items: optional(keys) }) })),
    }),
  }),
  record({ csi: record({ driver: fc.constantFrom('csi.test', 'A_b', 'x'.repeat(64)) }) }),
  fc.constant({ emptyDir: {}, secret: { secretName: 's' } }),
);
const volumes: fc.Arbitrary<Change> = fc
  .tuple(
    few(fc.tuple(name, source)),
    few(record({ name, mountPath: path, subPath: optional(fc.constantFrom('s', '/s', '../s')) })),
  )
  .map(([given, volumeMounts]) => (spec) => {
    spec['volumes'] = given.map(([each, from]) => ({ name: each, ...from }));
    Object.assign(roleOf(spec), { volumeMounts });
  });

const selector = record({
  matchLabels: optional(fc.tuple(qualified, labelValue).map((entry) => Object.fromEntries([entry]) as Json)),
  matchExpressions: optional(
    few(
      record({
        key: qualified,
        operator: fc.constantFrom('In', 'Exists', 'Gt', 'in'),
        values: optional(fc.array(labelValue, { maxLength: 2 })),
      }),
    ),
  ),
});
const nodeTerm = record({
  matchExpressions: optional(
    few(
      record({
        key: qualified,
        operator: fc.constantFrom('In', 'DoesNotExist', 'Lt', 'in'),
        values: optional(fc.array(fc.constantFrom('1', 'a b'), { maxLength: 2 })),
      }),
    ),
  ),
  matchFields: optional(
    few(
      record({
        key: fc.constantFrom('metadata.name', 'a'),
        operator: fc.constantFrom('In', 'Exists'),
        values: optional(fc.array(fc.constant('n'), { maxLength: 2 })),
      }),
    ),
  ),
});
const podTerm = record({
  topologyKey: fc.constantFrom('kubernetes.io/hostname', '', 'a b'),
  labelSelector: optional(selector),
  namespaces: optional(few(name)),
  matchLabelKeys: optional(few(qualified)),
});
const weight = fc.constantFrom(0, 1, 100, 101);
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const affinity = record({
  nodeAffinity: optional(
    record({
      [REQUIRED]: optional(record({ nodeSelectorTerms: fc.array(nodeTerm, { maxLength: 2 }) })),
      [PREFERRED]: optional(few(record({ weight, preference: nodeTerm }))),
    }),
  ),
  podAffinity: optional(record({ [REQUIRED]: optional(few(podTerm)) })),
  podAntiAffinity: optional(record({ [PREFERRED]: optional(few(record({ weight, podAffinityTerm: podTerm }))) })),
});
const tolerations = few(
  record({
    key: optional(fc.constantFrom('', 'a', 'a b')),
    operator: optional(fc.constantFrom('Exists', 'Equal', 'equal', '')),
    value: optional(labelValue),
    effect: optional(fc.constantFrom('NoExecute', 'NoSchedule', 'Never', '')),
    tolerationSeconds: optional(fc.constantFrom(-1, 5)),
  }),
);
const profile = record({
  type: fc.constantFrom('Localhost', 'RuntimeDefault', 'localhost'),
  localhostProfile: optional(fc.constantFrom('p', '/p', ' p')),
});
const securityContext = record({
  runAsUser: optional(id),
  runAsGroup: optional(id),
  privileged: optional(fc.boolean()),
  allowPrivilegeEscalation: optional(fc.boolean()),
  capabilities: optional(record({ add: fc.constantFrom(['CAP_SYS_ADMIN'], ['A']) })),
  procMount: optional(fc.constantFrom('Default', 'Unmasked', 'x')),
  seccompProfile: optional(profile),
});
const podSecurityContext = record({
  runAsUser: optional(id),
  fsGroup: optional(id),
  supplementalGroups: optional(few(id)),
  fsGroupChangePolicy: optional(fc.constantFrom('Always', 'Never')),
  sysctls: optional(few(record({ name: fc.constantFrom('net.core.somaxconn', 'A', 'a..b'), value: fc.constant('1') }))),
  seccompProfile: optional(profile),
  appArmorProfile: optional(profile),
});
const handler = fc.oneof(
  record({ exec: record({ command: fc.constantFrom([], ['a']) }) }),
  record({
    httpGet: record({
      port: fc.constantFrom(0, 80, 'http', 'a_b'),
      path: optional(fc.constantFrom('', '/')),
      scheme: optional(fc.constantFrom('HTTP', 'http')),
    }),
  }),
  record({ tcpSocket: record({ port }), exec: record({ command: fc.constant(['a']) }) }),
  fc.constant({}),
);
const probe = fc
  .tuple(
    handler,
    record({
      periodSeconds: optional(fc.constantFrom(-1, 1)),
      successThreshold: optional(fc.constantFrom(0, 1, 2)),
      terminationGracePeriodSeconds: optional(fc.constantFrom(0, 5)),
    }),
  )
  .map(([from, counts]) => ({ ...from, ...counts }));
const lifecycle = record({
  preStop: optional(fc.oneof(handler, record({ sleep: record({ seconds: fc.constantFrom(-1, 5, 31) }) }))),
  postStart: optional(handler),
});
const env = few(
  record({
    name: fc.constantFrom('A', 'a b', 'A=B', '1', ''),
    value: optional(fc.constantFrom('', 'v')),
    valueFrom: optional(
      fc.oneof(
        record({ secretKeyRef: record({ name: fc.constantFrom('s', 'S'), key: fc.constantFrom('k', 'a b', '..') }) }),
        record({
          fieldRef: record({ fieldPath: fc.constantFrom('status.podIP', "metadata.labels['a']", 'status.x', '') }),
        }),
        record({
          resourceFieldRef: record({
            resource: fc.constantFrom('limits.cpu', 'limits.memory', 'limits.gpu'),
            divisor: optional(fc.constantFrom('1', '1m', '1Mi', '2Mi', '1024Ki', '1k', '0')),
          }),
        }),
        fc.constant({}),
      ),
    ),
  }),
);
const resources = record({
  requests: optional(
    record({ cpu: optional(amount), 'test.io/device': optional(amount), pods: optional(fc.constant('1')) }),
  ),
  limits: optional(record({ cpu: optional(amount), memory: optional(amount), 'test.io/device': optional(amount) })),
});
const other = record({
  name,
  image,
  ports: optional(few(record({ name: optional(portName), containerPort: port, hostPort: optional(port) }))),
  env: optional(env),
  resources: optional(resources),
  securityContext: optional(securityContext),
  livenessProbe: optional(probe),
  lifecycle: optional(lifecycle),
  restartPolicy: optional(fc.constant('Always')),
});

const roleOf = (spec: Json, role: 'driver' | 'executor' = 'driver'): Json => spec[role] as Json;

/** Sets a field of one of the roles. */
const inRole = (field: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Change> =>
  fc.tuple(fc.constantFrom('driver' as const, 'executor' as const), value).map(([role, given]) => (spec) => {
    Object.assign(roleOf(spec, role), { [field]: given });
  });
const inConf = (key: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<Change> =>
  fc.tuple(key, value).map(([each, given]) => (spec) => {
    spec['sparkConf'] = { ...(spec['sparkConf'] as Json), [each]: given };
  });
const role = fc.constantFrom('driver', 'executor');

const change: fc.Arbitrary<Change> = fc.oneof(
  volumes,
  volumes,
  inRole('tolerations', tolerations),
  inRole('affinity', affinity),
  inRole('affinity', affinity),
  inRole('securityContext', securityContext),
  inRole('podSecurityContext', podSecurityContext),
  inRole('lifecycle', lifecycle),
  inRole('env', env),
  inRole(
    'envFrom',
    few(
      record({
        prefix: optional(fc.constantFrom('', 'P_', 'a=')),
        configMapRef: optional(record({ name: fc.constantFrom('c', 'C', '') })),
      }),
    ),
  ),
  inRole('ports', few(record({ name: portName, protocol: fc.constantFrom('TCP', 'UDP'), containerPort: port }))),
  inRole('hostNetwork', fc.constant(true)),
  inRole(
    'hostAliases',
    few(
      record({
        ip: fc.constantFrom('10.0.0.1', '10.0.0.256', '::1', '010.0.0.1', ':::1'),
        hostnames: fc.constantFrom(['a.b'], ['A']),
      }),
    ),
  ),
  inRole(
    'dnsConfig',
    record({
      nameservers: optional(fc.constantFrom(['1.1.1.1'], ['a'])),
      searches: optional(fc.constantFrom(['a.b.'], ['_a.b'], ['A'], ['.'], ['a_'])),
      options: optional(fc.constantFrom([{ name: 'a' }], [{ value: 'b' }])),
    }),
  ),
  inRole('sidecars', few(other)),
  inRole('initContainers', few(other)),
  inRole('configMaps', few(record({ name, path }))),
  inRole('secrets', few(record({ name, path, secretType: fc.constant('Generic') }))),
  inRole('coreLimit', fc.constantFrom('500m', '1', '2')),
  inRole('gpu', record({ name: fc.constantFrom('gpu', 'test.io/gpu', 'a/b/c'), quantity: fc.constant(1) })),
  inRole(
    'template',
    record({
      spec: record({
        containers: fc.constant([]),
        topologySpreadConstraints: few(
          record({
            maxSkew: fc.constantFrom(0, 1),
            topologyKey: fc.constantFrom('a', ''),
            whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'Never'),
            minDomains: optional(fc.constantFrom(0, 2)),
          }),
        ),
      }),
    }),
  ),
  inConf(
    fc.tuple(role, qualified).map(([each, key]) => `spark.kubernetes.${each}.label.${key}`),
    labelValue,
  ),
  inConf(
    fc.tuple(role, qualified).map(([each, key]) => `spark.kubernetes.${each}.annotation.${key}`),
    fc.constant('any text'),
  ),
  inRole(
    'annotations',
    record({
      'controller.kubernetes.io/pod-deletion-cost': optional(
        fc.constantFrom('1', '-5', 'high', '+1', '01', '3000000000'),
      ),
      'container.apparmor.security.beta.kubernetes.io/a': optional(fc.constantFrom('unconfined')),
    }),
  ),
  inConf(
    fc.tuple(role, qualified).map(([each, key]) => `spark.kubernetes.${each}.node.selector.${key}`),
    labelValue,
  ),
  inConf(
    fc.tuple(role, name).map(([each, key]) => `spark.kubernetes.${each}.secrets.${key}`),
    path,
  ),
  inConf(fc.constant('spark.kubernetes.executor.podNamePrefix'), fc.constantFrom('a', 'a.b', 'a-b', 'x'.repeat(237))),
  inConf(
    role.map((each) => `spark.kubernetes.${each}.request.cores`),
    amount,
  ),
);

/** Specs of applications that are valid, or wrong in a few places of their pods, in every kind that a server checks. */
export const specs: fc.Arbitrary<Json> = fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
  const spec: Json = { driver: { serviceAccount: 'spark' }, executor: {} };
  for (const apply of changes) apply(spec);
  return spec;
});
