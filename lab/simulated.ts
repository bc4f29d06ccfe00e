import { ApiServer } from './api-server.ts';
import type { LabBase, LabCluster } from './base.ts';
import { createCertificateAuthority, createServiceAccountKeys } from './certificates.ts';
import { startEtcd } from './components/etcd.ts';
import { startKubeApiserver } from './components/kube-apiserver.ts';
import { startKubeControllerManager } from './components/kube-controller-manager.ts';
import { startKubeScheduler } from './components/kube-scheduler.ts';
import { createNodes, startKwok } from './components/kwok.ts';
import { eventually } from './eventually.ts';
import type { ServiceAccount } from '../src/kubernetes/objects.ts';

/** A real control plane whose nodes and pods are made up: no root, no containers, thousands of pods. */
export async function startSimulated(base: LabBase): Promise<LabCluster> {
  const binaries = await base.tools('etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok');
  const certificates = base.path('certificates');
  const [authority, serviceAccountKeys, etcd] = await Promise.all([
    createCertificateAuthority(certificates),
    createServiceAccountKeys(certificates),
    startEtcd(base, { binary: binaries.etcd }),
  ]);
  const { kubeconfig, url, auditLog } = await startKubeApiserver(base, {
    binary: binaries['kube-apiserver'],
    etcdUrl: etcd.url,
    authority,
    serviceAccountKeys,
    simulated: true,
  });
  const api = await ApiServer.connect(kubeconfig);
  try {
    await Promise.all([
      startKubeControllerManager(base, {
        binary: binaries['kube-controller-manager'],
        kubeconfig,
        authority,
        serviceAccountKeys,
      }),
      startKubeScheduler(base, { binary: binaries['kube-scheduler'], kubeconfig }),
      startKwok(base, { binary: binaries.kwok, kubeconfig, url, authority }),
      createNodes(base, api, base.options.nodes),
      // Without its service account a namespace takes no pods.
      eventually(
        'the default service account',
        (signal) => api.get<ServiceAccount>('/api/v1/namespaces/default/serviceaccounts/default', signal),
        { signal: base.signal },
      ),
    ]);
  } finally {
    api.close();
  }
  return { kubeconfig, ...(auditLog === undefined ? {} : { auditLog }) };
}
