import { conf, tried, type Case } from '../remedy-case.ts';

const VOLUME = 'spark.kubernetes.driver.volumes.emptyDir.a';
const mount = { [`${VOLUME}.mount.path`]: '/a' };
const gpus = { 'spark.executor.resource.gpu.amount': '1', 'spark.executor.resource.gpu.vendor': 'nvidia.com' };

/** The remedies for settings that contradict others, and for those of volumes. */
export const casesOfSettings: readonly Case[] = [
  conf('give a number above 0, for example 0.1', 'spark.executor.memoryOverheadFactor', '0', '0.1'),
  conf('write 2048m: a number alone is bytes', 'spark.executor.memory', '2048', '2048m'),
  conf('give 512m or more: a JVM may take less than 450 MiB of 450m', 'spark.driver.memory', '256m', '512m'),
  tried(
    'set spark.memory.offHeap.size, for example 1g',
    { sparkConf: { 'spark.memory.offHeap.enabled': 'true' } },
    { sparkConf: { 'spark.memory.offHeap.enabled': 'true', 'spark.memory.offHeap.size': '1g' } },
  ),
  tried(
    'remove -Xms, or raise spec.executor.memory',
    { executor: { javaOptions: '-Xms2g', memory: '1g' } },
    { executor: { javaOptions: '-Xms2g', memory: '2g' } },
  ),
  conf('give at most 2047, in MiB', 'spark.rpc.message.maxSize', '4096', '2047'),
  conf('write FAIR', 'spark.scheduler.mode', 'FAIRE', 'FAIR'),
  conf('give one of lz4, lzf, snappy, zstd', 'spark.io.compression.codec', 'gzip', 'zstd'),
  conf('give 1, for example', 'spark.task.resource.gpu.amount', 'one', '1', gpus),
  conf('give at most 0.5, or a whole number', 'spark.task.resource.gpu.amount', '0.7', '0.5', gpus),
  conf('give at most 1, or raise spark.executor.resource.gpu.amount', 'spark.task.resource.gpu.amount', '2', '1', gpus),
  tried(
    'set spark.executor.resource.gpu.amount, or remove it',
    { sparkConf: { 'spark.task.resource.gpu.amount': '1' } },
    { sparkConf: { 'spark.task.resource.gpu.amount': '1', ...gpus } },
  ),
  conf('give a Kubernetes quantity, for example 5Gi', `${VOLUME}.options.sizeLimit`, '5GB', '5Gi', mount),
  conf(
    'use lower-case letters, digits, "-" and "."',
    'spark.kubernetes.driver.volumes.persistentVolumeClaim.b.options.storageClass',
    'GP_3',
    'gp3',
    {
      'spark.kubernetes.driver.volumes.persistentVolumeClaim.b.mount.path': '/b',
      'spark.kubernetes.driver.volumes.persistentVolumeClaim.b.options.claimName': 'OnDemand',
      'spark.kubernetes.driver.volumes.persistentVolumeClaim.b.options.sizeLimit': '5Gi',
    },
  ),
  tried(
    'choose another user, or set runAsNonRoot to false',
    { driver: { securityContext: { runAsNonRoot: true, runAsUser: 0 } } },
    { driver: { securityContext: { runAsNonRoot: true, runAsUser: 185 } } },
  ),
  tried(
    'choose another mountPath: the container has another mount there, of Spark or of the application',
    { volumes: [{ name: 'a', emptyDir: {} }], driver: { volumeMounts: [{ name: 'a', mountPath: '/opt/spark/conf' }] } },
    { volumes: [{ name: 'a', emptyDir: {} }], driver: { volumeMounts: [{ name: 'a', mountPath: '/a' }] } },
  ),
];
