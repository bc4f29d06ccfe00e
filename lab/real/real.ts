import type { LabBase, LabCluster } from '../base.ts';
import { createCertificateAuthority, createServiceAccountKeys } from '../certificates.ts';
import { startEtcd } from '../components/etcd.ts';
import { startKubeApiserver } from '../components/kube-apiserver.ts';
import { startKubeControllerManager } from '../components/kube-controller-manager.ts';
import { startKubeScheduler } from '../components/kube-scheduler.ts';
import { sparkImageReference } from '../image/images.ts';
import { applySparkRbac } from '../spark-rbac.ts';
import { createCgroupRoot } from './cgroups.ts';
import { startContainerd } from './containerd.ts';
import { createContainerdStore } from './containerd-store.ts';
import { startCoredns } from './coredns.ts';
import { startKubeProxy } from './kube-proxy.ts';
import { startKubelet } from './kubelet.ts';
import { startNamespaces } from './namespaces.ts';
import { BRIDGE_ADDRESS, connectNetwork } from './network.ts';
import { cniDirectory } from './packages.ts';
import { DEFAULT_SPARK_VERSIONS, prepareReal } from './prepare.ts';
import { realModeSupport } from './support.ts';

/** A cluster of one node on which containers really run, in its own network, mount and PID namespaces. */
export async function startReal(base: LabBase): Promise<LabCluster> {
  const support = await realModeSupport();
  if (!support.supported) throw new Error(`A real lab cannot run here: ${support.reason}`);
  const sparkVersions = base.options.sparkVersions ?? DEFAULT_SPARK_VERSIONS;
  const [{ images, template }, binaries] = await Promise.all([
    prepareReal({ sparkVersions, onProgress: base.options.onProgress, signal: base.signal }),
    base.tools(
      ...(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const),
      ...(['kubelet', 'kube-proxy', 'coredns'] as const),
    ),
  ]);
  const [store, cgroupRoot, { commandPrefix, address }] = await Promise.all([
    createContainerdStore(base, template),
    createCgroupRoot(base),
    startNamespaces(base).then(async (namespaces) => ({
      ...namespaces,
      address: await connectNetwork(base, namespaces),
    })),
  ]);

  const certificates = base.path('certificates');
  const startControlPlane = async () => {
    const [authority, serviceAccountKeys, etcd] = await Promise.all([
      createCertificateAuthority(certificates),
      createServiceAccountKeys(certificates),
      startEtcd(base, { binary: binaries.etcd, address, commandPrefix }),
    ]);
    const kubeletClient = await authority.issue({
      name: 'kube-apiserver-kubelet-client',
      commonName: 'kube-apiserver-kubelet-client',
      organization: 'system:masters',
    });
    const apiServer = await startKubeApiserver(base, {
      binary: binaries['kube-apiserver'],
      etcdUrl: etcd.url,
      authority,
      serviceAccountKeys,
      address,
      bindAddress: '0.0.0.0',
      advertiseAddress: BRIDGE_ADDRESS,
      extraArgs: [
        `--kubelet-certificate-authority=${authority.certFile}`,
        `--kubelet-client-certificate=${kubeletClient.certFile}`,
        `--kubelet-client-key=${kubeletClient.keyFile}`,
        '--kubelet-preferred-address-types=InternalIP',
      ],
      commandPrefix,
    });
    return { authority, serviceAccountKeys, apiServer };
  };
  const [{ authority, serviceAccountKeys, apiServer }, containerdSocket] = await Promise.all([
    startControlPlane(),
    startContainerd(base, { store, images, cniDirectory: (await cniDirectory()) as string, commandPrefix }),
  ]);

  const { kubeconfig, auditLog } = apiServer;
  const common = { kubeconfig, address, commandPrefix };
  await Promise.all([
    startKubeControllerManager(base, {
      binary: binaries['kube-controller-manager'],
      authority,
      serviceAccountKeys,
      ...common,
    }),
    startKubeScheduler(base, { binary: binaries['kube-scheduler'], ...common }),
    startKubelet(base, {
      binary: binaries.kubelet,
      server: apiServer.url,
      adminKubeconfig: kubeconfig,
      authority,
      containerdSocket,
      cgroupRoot,
      address,
      commandPrefix,
    }),
    startKubeProxy(base, { binary: binaries['kube-proxy'], ...common }),
    startCoredns(base, { binary: binaries.coredns, ...common }),
    applySparkRbac(kubeconfig, 'default', base.signal),
  ]);
  return {
    kubeconfig,
    sparkImages: Object.fromEntries(sparkVersions.map((version) => [version, sparkImageReference(version)])),
    ...(auditLog === undefined ? {} : { auditLog }),
  };
}
