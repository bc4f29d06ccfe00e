import { writeFile } from 'node:fs/promises';
import type { LabBase } from '../base.ts';
import { runCommand } from '../command.ts';
import { pauseImageReference } from '../image/images.ts';
import type { Image } from '../image/image.ts';
import { BRIDGE, POD_CIDR } from './network.ts';

export interface ContainerdOptions {
  /** Directory with the images, of this containerd alone. */
  readonly store: string;
  /** What must exist before it counts as ready. */
  readonly images: readonly Image[];
  readonly cniDirectory: string;
  readonly commandPrefix: readonly string[];
}

/** Returns the path of its socket. */
export async function startContainerd(base: LabBase, options: ContainerdOptions): Promise<string> {
  const { store, images, cniDirectory, commandPrefix } = options;
  const socket = base.path('containerd', 'containerd.sock');
  const networks = await base.makeDirectory('containerd', 'cni');
  await writeFile(`${networks}/pods.conflist`, JSON.stringify(podNetwork, null, 2));
  const config = base.path('containerd', 'config.toml');
  await writeFile(
    config,
    configuration({ store, state: base.path('containerd', 'state'), socket, networks, cniDirectory }),
  );
  await base.step('containerd', () =>
    base.supervisor.start({
      name: 'containerd',
      command: 'containerd',
      commandPrefix,
      args: ['--config', config],
      ready: async (signal) => {
        const list = ['--address', socket, '--namespace', 'k8s.io', 'images', 'list', '--quiet'];
        const present = (await runCommand('ctr', list, { signal })).split('\n');
        const missing = images.filter(({ reference }) => !present.includes(reference));
        if (missing.length > 0) throw new Error(`no image ${missing.map(({ reference }) => reference).join(', ')}`);
      },
    }),
  );
  return socket;
}

const podNetwork = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: BRIDGE,
      isGateway: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: POD_CIDR }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

interface Paths {
  readonly store: string;
  readonly state: string;
  readonly socket: string;
  readonly networks: string;
  readonly cniDirectory: string;
}

function configuration({ store, state, socket, networks, cniDirectory }: Paths): string {
  return `version = 2
root = "${store}"
state = "${state}"
# It would make folders in /opt.
disabled_plugins = ["io.containerd.internal.v1.opt"]

[grpc]
address = "${socket}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${pauseImageReference}"
disable_apparmor = true
# Without CAP_SYS_RESOURCE no process may lower its OOM score, and no container starts.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${cniDirectory}"
conf_dir = "${networks}"
`;
}
