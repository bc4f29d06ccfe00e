import { describe, expect, it } from 'vitest';
import {
  formatProblems,
  ManifestError,
  parseManifest,
  parseManifests,
  parseSparkApplication,
  resolveName,
} from '../../../src/manifest/index.ts';
import { application, fullYaml, problemsOf, problemsThrownBy, schedule } from './manifests.ts';

const problemsOfText = (text: string, options: Parameters<typeof parseManifests>[1] = {}) =>
  problemsThrownBy(() => parseManifests(text, options));

const minimal = `apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata:
  name: spark-pi
spec:
  sparkVersion: 4.1.4
  mainApplicationFile: local:///app.jar
  driver: {}
  executor: {}
`;

describe('a text with manifests', () => {
  it('may be YAML or JSON, with the same meaning', () => {
    const json = JSON.stringify(application({ arguments: ['\u00e9 "quoted" \ud83d\ude00', 'tab\there'] }), null, '\t');
    expect(parseManifests(json)).toEqual([parseManifest(JSON.parse(json))]);
  });

  it('may hold several documents; empty ones do not count', () => {
    const names = parseManifests(
      `---\n${minimal}---\n# nothing\n---\n${minimal.replace('spark-pi', 'other')}...\n`,
    ).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['spark-pi', 'other']);
  });

  it('with no document is refused', () => {
    for (const text of ['', '# nothing\n', '---\n---\n', 'null']) {
      expect(problemsOfText(text, { fileName: 'a.yaml' })).toMatchObject([{ code: 'empty', file: 'a.yaml' }]);
    }
  });

  it('is read as kubectl reads it: yes is true, a leading 0 is octal, << merges', () => {
    const [manifest] = parseManifests(
      minimal
        .replace(
          '  driver: {}',
          `  volumes:
    - {name: keys, secret: {secretName: keys, defaultMode: 0440}}
  driver: &role
    hostNetwork: yes
    annotations: {day: 2026-08-21, time: 1:30}`,
        )
        .replace('executor: {}', 'executor:\n    <<: *role\n    instances: 2'),
    );
    expect(manifest).toMatchObject({
      spec: {
        volumes: [{ secret: { defaultMode: 0o440 } }],
        driver: { hostNetwork: true, annotations: { day: '2026-08-21', time: '1:30' } },
        executor: { hostNetwork: true, instances: 2 },
      },
    });
  });

  it('treats a field without a value as absent, as an API server does', () => {
    const [manifest] = parseManifests(`${minimal}  image:\n  deps:\n  restartPolicy: ~\n`);
    expect(manifest).toEqual(parseManifests(minimal)[0]);
  });

  it('which is not YAML is rejected with the position, and the other documents are still checked', () => {
    const text = `a: [1\n---\n${minimal.replace('driver: {}', 'driver: {cores: 0}')}`;
    expect(problemsOfText(text, { fileName: 'two.yaml' })).toMatchObject([
      { file: 'two.yaml', code: 'unreadable', line: 2, column: 1, document: 1 },
      { file: 'two.yaml', code: 'too_small', pathText: 'spec.driver.cores', line: 10, document: 2 },
    ]);
  });

  it('may use an anchor, but not multiply itself by aliases without end', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`,
    );
    const laughs = `l0: &l0 [lol]\n${levels.join('\n')}\n`;
    expect(problemsOfText(laughs)).toMatchObject([
      { code: 'unreadable', message: 'expands to too many values by its aliases' },
    ]);
  });

  it('may not contain itself', () => {
    expect(problemsOfText(`${minimal}  volumes: &v [{name: a, x: *v, z: *v}]\n`)).toMatchObject([
      { pathText: 'spec.volumes[0].x', message: 'contains itself', line: 10, column: 29 },
      { pathText: 'spec.volumes[0].z', message: 'contains itself' },
    ]);
    const loop = application();
    loop.spec['volumes'] = [loop];
    expect(problemsOf(loop)).toMatchObject([{ pathText: 'spec.volumes[0]', code: 'too_deep' }]);
  });

  it('may not contain a number that JSON does not have', () => {
    expect(problemsOfText(`${minimal}  timeToLiveSeconds: .inf\n`)).toMatchObject([
      { pathText: 'spec.timeToLiveSeconds', message: 'is not a finite number', line: 10 },
    ]);
    expect(problemsOf(application({ timeToLiveSeconds: NaN }))).toMatchObject([{ code: 'not_finite' }]);
  });

  it.each(['[', '{"a":', '- '])('may not be nested without end (%s)', (opening) => {
    expect(problemsOfText(opening.repeat(20_000))).not.toEqual([]);
  });

  it('has every problem reported at once, in the order of the text, with line and column', () => {
    const text = `apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata:
  name: Spark_Pi
spec:
  type: scala
  sparkVersion: 4.1.4
  driver:
    corez: 2
    env:
      - name: A
        value: 1
  executor:
    instances: "2"
`;
    const problems = problemsOfText(text, { fileName: 'pi.yaml' });
    expect(problems.map(({ line, column, pathText, code }) => [line, column, pathText, code])).toEqual([
      [4, 9, 'metadata.name', 'invalid_format'],
      [6, 3, 'spec.mainApplicationFile', 'required'],
      [6, 9, 'spec.type', 'not_allowed'],
      [9, 5, 'spec.driver.corez', 'unknown_field'],
      [12, 16, 'spec.driver.env[0].value', 'wrong_type'],
      [14, 16, 'spec.executor.instances', 'wrong_type'],
    ]);
  });

  it('has positions also where an alias or a merge stands in for the value', () => {
    const text = minimal.replace('driver: {}', 'driver: &d\n    cores: 0').replace('executor: {}', 'executor: *d');
    expect(problemsOfText(text).map(({ pathText, line }) => [pathText, line])).toEqual([
      ['spec.driver.cores', 9],
      ['spec.executor.cores', 9],
    ]);
  });
});

describe('a manifest', () => {
  it.each([
    ['a list', [], 'must be a map with apiVersion, kind, metadata and spec'],
    ['a string', 'spark-pi', 'must be a map with apiVersion, kind, metadata and spec'],
    ['null', null, 'must be a map with apiVersion, kind, metadata and spec'],
    ['undefined', undefined, 'must be a map with apiVersion, kind, metadata and spec'],
  ])('may not be %s', (_, value, message) => {
    expect(problemsOf(value)).toMatchObject([{ path: [], message }]);
  });

  it('of another kind is refused with what could be meant', () => {
    const { spec, metadata } = application();
    expect(problemsOf({ apiVersion: 'sparkoperator.k8s.io/v1beta2', metadata, spec })).toMatchObject([
      {
        pathText: 'kind',
        code: 'required',
        allowed: 'SparkApplication, ScheduledSparkApplication, SparkConnect, SparkPipeline, ScheduledSparkPipeline',
      },
    ]);
    expect(problemsOf({ ...application(), kind: 'SparkApp' })).toMatchObject([
      { pathText: 'kind', value: 'SparkApp', message: 'is not a supported kind' },
    ]);
    expect(problemsOf({ ...application(), kind: 'sparkapplication' })).toMatchObject([
      { pathText: 'kind', remedy: 'did you mean "SparkApplication"?' },
    ]);
    expect(problemsOf({ apiVersion: 'v1', kind: 'ConfigMap' })).toMatchObject([
      { pathText: 'kind', remedy: 'create other objects beforehand, for example with kubectl apply' },
    ]);
  });

  it("of Apache Spark's own operator is recognized, without a list of its unknown fields", () => {
    const foreign = { ...application(), apiVersion: 'spark.apache.org/v1', spec: { runtimeVersions: {} } };
    expect(problemsOf(foreign)).toMatchObject([
      {
        pathText: 'apiVersion',
        value: 'spark.apache.org/v1',
        allowed: '"sparkoperator.k8s.io/v1beta2"',
        remedy: 'rewrite the manifest for sparkoperator.k8s.io/v1beta2',
      },
    ]);
    expect(problemsOf(foreign)).toHaveLength(1);
  });

  it('of another version, or of none, is refused with the right one', () => {
    const { apiVersion: _, ...without } = application();
    expect(problemsOf(without)).toMatchObject([
      { pathText: 'apiVersion', code: 'required', allowed: '"sparkoperator.k8s.io/v1beta2"' },
    ]);
    expect(problemsOf({ ...application(), apiVersion: 'sparkoperator.k8s.io/v1beta1' })).toMatchObject([
      { pathText: 'apiVersion', allowed: '"sparkoperator.k8s.io/v1beta2"' },
    ]);
  });

  it('that was read from the cluster is accepted: status and server-side metadata are dropped', () => {
    const exported = application(
      {},
      {
        name: 'spark-pi',
        uid: 'a',
        resourceVersion: '1',
        generation: 2,
        creationTimestamp: '2026-08-21T00:00:00Z',
        managedFields: [{ manager: 'kubectl' }],
        finalizers: ['x'],
        ownerReferences: [{ name: 'x' }],
      },
    );
    exported.status = { applicationState: { state: 'COMPLETED' } };
    expect(parseManifest(exported)).toEqual(parseManifest(application()));
  });

  it('is the same after it was checked once more, as client and worker do', () => {
    const [checked] = parseManifests(fullYaml);
    expect(parseManifest(checked)).toEqual(checked);
    const scheduled = parseManifest(schedule());
    expect(parseManifest(scheduled)).toEqual(scheduled);
  });

  it('is left as it was', () => {
    const manifest = application({ image: null, unknown: 1 });
    const before = structuredClone(manifest);
    parseManifest(manifest, { prune: true });
    expect(manifest).toEqual(before);
  });

  it('is plain JSON once checked', () => {
    const [checked] = parseManifests(fullYaml);
    expect(JSON.parse(JSON.stringify(checked))).toEqual(checked);
  });

  it('may not reach for a prototype', () => {
    const hostile = JSON.parse(
      '{"__proto__": {"a": 1}, "spec": {"__proto__": {"b": 1}, "sparkConf": {"__proto__": "c"}}}',
    ) as object;
    expect(problemsOf(hostile).map(({ pathText, code }) => [pathText, code])).toEqual([
      ['__proto__', 'invalid_key'],
      ['spec.__proto__', 'invalid_key'],
      ['spec.sparkConf.__proto__', 'invalid_key'],
    ]);
    expect(problemsOf(application({ driver: JSON.parse('{"constructor": 1}') as object }))).toMatchObject([
      { pathText: 'spec.driver.constructor', code: 'unknown_field' },
    ]);
  });
});

describe('an unknown field', () => {
  it.each([
    [{ driver: { corez: 1 } }, 'spec.driver.corez', 'did you mean "cores"?'],
    [{ driver: { Memory: '1g' } }, 'spec.driver.Memory', 'did you mean "memory"?'],
    [{ sparkconf: {} }, 'spec.sparkconf', 'did you mean "sparkConf"?'],
    [{ mainApplicationfile: 'x' }, 'spec.mainApplicationfile', 'did you mean "mainApplicationFile"?'],
    [{ restartPolicy: { onFailureRetry: 1 } }, 'spec.restartPolicy.onFailureRetry', 'did you mean "onFailureRetries"?'],
    [{ deps: { pyfiles: [] } }, 'spec.deps.pyfiles', 'did you mean "pyFiles"?'],
    [{ driver: { instances: 1 } }, 'spec.driver.instances', 'it is a field of spec.executor'],
    [{ serviceAccount: 'spark' }, 'spec.serviceAccount', 'it is a field of spec.driver and spec.executor'],
    [{ executor: { sparkConf: {} } }, 'spec.executor.sparkConf', 'it is a field of spec'],
  ])('%j is refused with a hint', (spec, pathText, remedy) => {
    expect(problemsOf(application(spec))).toMatchObject([{ pathText, code: 'unknown_field', remedy }]);
  });

  it('without a likely meaning is refused without one', () => {
    const [problem] = problemsOf(application({ zzz: 1 }));
    expect(problem).toMatchObject({ pathText: 'spec.zzz', value: 1, message: 'is not a known field' });
    expect(problem).not.toHaveProperty('remedy');
  });

  it('is rejected in metadata and next to spec too', () => {
    const manifest = { ...application({}, { name: 'a', label: {} }), data: {} };
    expect(problemsOf(manifest).map(({ pathText }) => pathText)).toEqual(
      expect.arrayContaining(['metadata.label', 'data']),
    );
  });

  it('is dropped with prune, wherever it stands, and nothing else is', () => {
    const manifest = {
      ...application(
        { zzz: 1, driver: { cores: 2, corez: 1 }, secrets: 1, driverIngressOptions: [] },
        { name: 'a', label: {} },
      ),
      data: {},
    };
    expect(parseManifest(manifest, { prune: true })).toEqual(
      parseManifest(application({ driver: { cores: 2 }, driverIngressOptions: [] }, { name: 'a' })),
    );
  });

  it('is dropped with prune, but other problems stay', () => {
    const problems = problemsOf(application({ zzz: 1, driver: { corez: 1, cores: 0 } }), { prune: true });
    expect(problems.map(({ pathText }) => pathText)).toEqual(['spec.driver.cores']);
  });
});

describe('the name of a manifest', () => {
  it('may be left to the caller with generateName', () => {
    const manifest = application({}, { generateName: 'spark-pi-' });
    expect(parseManifest(manifest, { nameSuffix: 'x7k2p' }).metadata).toMatchObject({
      name: 'spark-pi-x7k2p',
      generateName: 'spark-pi-',
    });
    expect(problemsOf(manifest)).toMatchObject([{ pathText: 'metadata.generateName', code: 'unresolved_name' }]);
  });

  it('is completed differently for each manifest of a text', () => {
    const manifest = JSON.stringify(application({}, { generateName: 'spark-pi-' }));
    const suffixes = ['x7k2p', 'q4w8z', 'never-used'].values();
    const named = JSON.stringify(application({}, { name: 'pi' }));
    const manifests = parseManifests([manifest, named, manifest].join('\n---\n'), {
      nameSuffix: () => suffixes.next().value!,
    });
    expect(manifests.map(({ metadata }) => metadata.name)).toEqual(['spark-pi-x7k2p', 'pi', 'spark-pi-q4w8z']);
  });

  it('beats generateName', () => {
    const manifest = application({}, { name: 'pi', generateName: 'spark-pi-' });
    expect(parseManifest(manifest, { nameSuffix: 'x7k2p' }).metadata.name).toBe('pi');
    expect(resolveName({ name: 'pi', generateName: 'spark-pi-' }, 'x')).toBe('pi');
  });

  it('is shortened before the suffix where it would be too long', () => {
    const name = resolveName({ generateName: 'a'.repeat(80) }, 'x7k2p');
    expect(name).toBe(`${'a'.repeat(58)}x7k2p`);
  });

  it('is required', () => {
    expect(resolveName({}, 'x')).toBeUndefined();
    expect(problemsOf(application({}, {}), { nameSuffix: 'x' })).toMatchObject([
      { pathText: 'metadata.name', code: 'required', remedy: 'set metadata.name or metadata.generateName' },
    ]);
    const { metadata: _, ...without } = application();
    expect(problemsOf(without)).toMatchObject([{ pathText: 'metadata', code: 'required' }]);
  });
});

describe('the namespace of a manifest', () => {
  it('is its own, else that of the caller, else "default"', () => {
    const own = application({}, { name: 'a', namespace: 'own' });
    expect(parseManifest(own, { namespace: 'given' }).metadata.namespace).toBe('own');
    expect(parseManifest(application(), { namespace: 'given' }).metadata.namespace).toBe('given');
    expect(parseManifest(application()).metadata.namespace).toBe('default');
  });
});

describe('parseSparkApplication', () => {
  it('accepts an application and refuses a schedule with what to do', () => {
    expect(parseSparkApplication(application()).kind).toBe('SparkApplication');
    expect(problemsThrownBy(() => parseSparkApplication(schedule()))).toMatchObject([
      { pathText: 'kind', value: 'ScheduledSparkApplication', code: 'not_supported' },
    ]);
  });
});

describe('a ManifestError', () => {
  it('has a machine-readable type and a complete message', () => {
    const problems = problemsOfText(`${minimal}  mode: client\n`, { fileName: 'pi.yaml' });
    const error = new ManifestError(problems);
    expect(error).toMatchObject({ name: 'ManifestError', type: 'InvalidManifest' });
    expect(error.message).toBe(
      'pi.yaml:10:9  spec.mode  would run the driver inside the worker; allowed: "cluster"; ' +
        'remove the field: the driver runs in a pod of its own',
    );
  });

  it('reads well for a manifest without a file, too', () => {
    const problems = problemsOf(
      application({ sparkConf: { 'spark.master': 'local' }, driver: { env: [{ name: 1 }] } }),
    );
    expect(formatProblems(problems).split('\n')).toEqual([
      'spec.driver.env[0].name  must be a string, not 1; write it in quotes: "1"',
      'spec.sparkConf["spark.master"]  sparkConf key "spark.master" is not allowed: this value is managed by the operator; ' +
        'remove the key: the cluster is chosen when the application is started',
    ]);
    expect(formatProblems(problemsOf(7))).toBe('must be a map with apiVersion, kind, metadata and spec');
    expect(formatProblems(problemsOfText(`${minimal}---\nkind: Pod\n`))).toMatch(/^document 2:11:7 {2}kind {2}/);
  });

  it('shows long values shortened and never a structure', () => {
    const [long] = problemsOf(application({ type: 'x'.repeat(500) }));
    expect(String(long?.value).length).toBeLessThan(100);
    expect(long?.message.length).toBeLessThan(120);
    const [nested] = problemsOf(application({ image: { name: ['x'] } }));
    expect(nested).not.toHaveProperty('value');
    expect(nested?.message).toBe('must be a string, not a map');
  });
});
