/** A manifest with a text wherever a manifest may have one. */
export function textEverywhere(text: string): Record<string, unknown> {
  const container = { name: 'c', image: text, command: [text], args: [text], env: [{ name: 'A', value: text }] };
  const role = {
    image: text,
    coreRequest: text,
    memory: text,
    memoryLimit: text,
    javaOptions: text,
    env: [{ name: text, value: text }],
    envVars: { A: text },
    labels: { a: text },
    annotations: { a: text },
    secrets: [{ name: 'a', path: text, secretType: 'GCPServiceAccount' }],
    volumeMounts: [{ name: 'a', mountPath: text }],
    sidecars: [container],
    template: { spec: { containers: [container] } },
  };
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: {
      name: 'a',
      labels: { a: text },
      annotations: Object.fromEntries(
        [
          ...['restart-jitter', 'restart-retries', 'restart-max-interval', 'running-deadline', 'submitter', 'cluster'],
          ...['placement-profile', 'allow-literal-secrets'],
        ].map((name) => [`temporal-spark/${name}`, text]),
      ),
    },
    spec: {
      sparkVersion: text,
      image: text,
      mainClass: text,
      mainApplicationFile: text,
      arguments: [text],
      proxyUser: text,
      batchScheduler: text,
      memoryOverheadFactor: text,
      nodeSelector: { a: text },
      sparkConf: {
        'spark.a': text,
        'spark.b.password': text,
        'spark.kubernetes.namespace': text,
        'spark.kubernetes.file.upload.path': text,
        'spark.executor.memory': text,
      },
      hadoopConf: { a: text },
      deps: { jars: [text], packages: [text], repositories: [text] },
      monitoring: { exposeDriverMetrics: true, exposeExecutorMetrics: true, metricsProperties: text },
      driver: role,
      executor: role,
    },
  };
}

/** The same text in the fields that take any, so that the manifest gets as far as its translation. */
export function validWith(text: string, path: string): Record<string, unknown> {
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name: 'a', annotations: { a: text } },
    spec: {
      sparkVersion: '4.1.4',
      image: 'a',
      mainClass: 'a',
      mainApplicationFile: 'local:///a.jar',
      arguments: [text],
      sparkConf: { 'spark.a': text, 'spark.kubernetes.driver.annotation.a': text },
      driver: {
        javaOptions: text,
        env: [{ name: 'A', value: text }],
        secrets: [{ name: 'a', path, secretType: 'GCPServiceAccount' }],
      },
      executor: { envVars: { A: text } },
      driverIngressOptions: [{ servicePort: 1, servicePortName: 'a', ingressURLFormat: path }],
    },
  };
}

/** A manifest with one field more, which has an item for each number. */
export function withMany(fields: (names: readonly string[]) => Record<string, unknown>, count: number): unknown {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  const manifest = validWith('a', '/a') as { spec: Record<string, unknown> };
  return { ...manifest, spec: { ...manifest.spec, ...fields(names) } };
}

/** A pipeline whose stages each follow the one before. */
export function chainOfStages(count: number, dependsOn: (index: number) => readonly string[]): unknown {
  const stages = Array.from({ length: count }, (_, index) => ({
    name: `s${index}`,
    workflow: { type: 'a' },
    dependsOn: dependsOn(index),
  }));
  return {
    apiVersion: 'temporal-spark/v1alpha1',
    kind: 'SparkPipeline',
    metadata: { name: 'a' },
    spec: { stages },
  };
}

/** A pipeline whose stages all run an application of so many bytes. */
export function templateOfEachStage(bytes: number, count: number): unknown {
  const { spec } = validWith('a '.repeat(bytes / 10), '/a');
  return {
    apiVersion: 'temporal-spark/v1alpha1',
    kind: 'SparkPipeline',
    metadata: { name: 'a' },
    spec: {
      templates: { t: { spec } },
      stages: Array.from({ length: count }, (_, index) => ({ name: `s${index}`, template: 't', overrides: {} })),
    },
  };
}
