import { isOwnAddress } from '../known/own-addresses';
import { defaultPort } from '../known/ports';
import type { Container } from './container';
import type { Model } from './model';
import type { Service } from './service';
import type { Setting } from './settings';

/** A host that a container is configured to connect to. */
export interface Target {
  readonly host: string;
  /** Written out, or what its protocol uses. `undefined` where neither says. */
  readonly port: number | undefined;
  /** Scheme of its URL in lower case: `redis`, `postgresql`, `https`. @default none: host and port stood apart */
  readonly scheme: string | undefined;
  /** The setting that names the host. */
  readonly setting: Setting;
  /** The Service of the input that the host is. @default none */
  readonly service: Service | undefined;
  /** True for a Service, of the input or not (`db`, `db.data.svc`); false for a host outside the cluster. */
  readonly isInCluster: boolean;
}

const MAX_VALUE_LENGTH = 4096;
const URL = /\b([a-z][a-z0-9+.-]*):\/\/([^\s/?#"'`<>|\\]+)/gi;
const HOST_NAME = /(?:^|[_.-])(?:pg)?(?:host|hostname|hosts|server|servers|addr|address|endpoint|brokers?)$/i;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?\.?|\[[0-9a-f:]+\])$/i;
const LISTENS =
  /^(?:0\.0\.0\.0|::|\[::\]|\[?::1\]?|(?:[a-z0-9-]+\.)*localhost|127(?:\.\d+){3}|true|false|none|null|\d+)$/i;

/** Hosts that the settings of a container name; those where it listens itself are none. */
export function targetsOf(model: Model, container: Container): Target[] {
  const targets: Target[] = [];
  for (const setting of container.settings.all) {
    const { value } = setting;
    if (value === undefined || value === '' || value.length > MAX_VALUE_LENGTH || isOwnAddress(setting.name))
      continue;
    for (const { host, port, scheme } of addresses(setting, value, container)) {
      if (!HOST.test(host) || LISTENS.test(host)) continue;
      const name = host.replace(/\.$/, '').toLowerCase();
      const service = model.serviceOfHost(name, container.workload.namespace);
      targets.push({
        host: name,
        port,
        scheme,
        setting,
        service,
        isInCluster: service !== undefined || looksInternal(name),
      });
    }
  }
  return targets;
}

interface Address {
  readonly host: string;
  readonly port: number | undefined;
  readonly scheme: string | undefined;
}

function addresses(setting: Setting, value: string, container: Container): Address[] {
  const found: Address[] = [];
  for (const [, scheme = '', authority = ''] of value.matchAll(URL)) {
    const protocol = scheme.toLowerCase();
    for (const part of authority.slice(authority.lastIndexOf('@') + 1).split(',')) {
      const { host, port } = splitPort(part);
      found.push({ host, port: port ?? defaultPort(protocol), scheme: protocol });
    }
  }
  if (found.length > 0) return found;
  const namesHost = HOST_NAME.test(setting.name) || /^pghost$/i.test(setting.name);
  for (const part of value.split(',')) {
    const { host, port } = splitPort(part.trim());
    if (namesHost)
      found.push({
        host,
        port: port ?? partnerPort(setting, container) ?? defaultPort(setting.name),
        scheme: undefined,
      });
    else if (
      port !== undefined &&
      /[a-z]/i.test(host) &&
      /(?:^|[_.-])(?:url|uri|dsn|target|upstream|backend|peers?|nodes?)$/i.test(setting.name)
    ) {
      found.push({ host, port, scheme: undefined });
    }
  }
  return found;
}

function splitPort(text: string): { host: string; port: number | undefined } {
  const match = /^(.*?):(\d{1,5})$/.exec(text);
  return match?.[1] !== undefined
    ? { host: match[1], port: Number(match[2]) }
    : { host: text, port: undefined };
}

/** The port that stands beside a host: `REDIS_PORT` for `REDIS_HOST`, `db.port` for `db.host`. */
function partnerPort(setting: Setting, container: Container): number | undefined {
  const match = /^(.*?)(host|hostname|hosts|server|servers|addr|address|endpoint|brokers?)$/i.exec(
    setting.name,
  );
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const suffix = match[2] === match[2].toUpperCase() ? 'PORT' : 'port';
  const port = Number(container.settings.value(match[1] + suffix));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/** One label, or a name that only a cluster's DNS has. */
function looksInternal(host: string): boolean {
  return !host.includes('.') || /\.svc(?:\.|$)|\.cluster\.local$/.test(host);
}
