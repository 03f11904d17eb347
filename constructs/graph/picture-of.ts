import type { KubernetesObject } from '../checks/kubernetes-object';
import { Model, type Workload } from '../checks/model';
import { serverUses } from '../plan/servers';
import { type End, type Opening, openingsOf, wiringsOf } from './connections';
import { describe } from './description';
import { type Entrance, entrancesOf } from './entrances';
import { addressesBox, blocksText, namespaceBox, serverBox } from './outside';
import { ANY_PORT, holds, Pairs, portNumber, portsLabel } from './pairs';
import type { Arrow, ArrowStyle, Box, OutsideBox, Picture, WorkloadBox } from './picture';
import { CLIENTS, inOrder } from './reading-order';
import { storageOf } from './storage';
import { isolationOf, workloadBox, workloadId } from './workload-box';

/** What is to be drawn of a set of manifests. */
export function pictureOf(objects: readonly KubernetesObject[], title: string): Picture {
  return new Drawing(new Model(objects), title).picture();
}

/** Gathers boxes and arrows. */
class Drawing {
  private readonly workloads: readonly Workload[];
  /** By id: an object that stands twice in the input is one. */
  private readonly openings = new Map<string, Opening[]>();
  /** Openings that an arrow shows already. */
  private readonly shown = new Set<Opening>();
  private readonly outside = new Map<string, OutsideBox>();
  private readonly arrows = new Map<string, Arrow>();
  private readonly facts = new Map<string, string[]>();
  private readonly title: string;
  private readonly model: Model;

  constructor(model: Model, title: string) {
    this.model = model;
    this.title = title;
    this.workloads = [...new Map(model.workloads.map((one) => [workloadId(one), one])).values()];
    for (const workload of this.workloads)
      this.openings.set(workloadId(workload), openingsOf(model, workload));
  }

  picture(): Picture {
    const entrances = entrancesOf(this.model).map((entrance) => this.drawEntrance(entrance));
    for (const workload of this.workloads) this.drawServers(workload);
    this.drawPairs();
    for (const workload of this.workloads) this.drawOpenings(workload);
    const storage = storageOf(this.model, this.workloads);
    for (const { from, to, label } of storage.mounts) this.arrow(from, to, 'mount', label);
    const boxes: Box[] = [
      ...entrances,
      ...this.workloads.map((one) =>
        workloadBox(this.model, one, this.isolation(one), this.facts.get(workloadId(one)) ?? []),
      ),
      ...storage.boxes,
      ...this.outside.values(),
    ];
    const ordered = inOrder(boxes, [...this.arrows.values()]);
    const namespaces = [...new Set(boxes.flatMap(({ namespace }) => namespace ?? []))];
    return {
      title: this.title,
      description: describe(ordered.boxes, ordered.arrows),
      namespaces,
      ...ordered,
    };
  }

  private arrow(from: string, to: string, style: ArrowStyle, label: string): void {
    const key = (one: string, other: string) => [one, other, style, label].join('\0');
    const back = this.arrows.get(key(to, from));
    if (back) this.arrows.set(key(to, from), { ...back, isMutual: true });
    else this.arrows.set(key(from, to), { from, to, style, label, isMutual: false });
  }

  private fact(workload: Workload, text: string): void {
    const id = workloadId(workload);
    const facts = this.facts.get(id) ?? [];
    if (!facts.includes(text)) this.facts.set(id, [...facts, text]);
  }

  private outsideBox(box: OutsideBox): string {
    if (!this.outside.has(box.id)) this.outside.set(box.id, box);
    return box.id;
  }

  /** What policies close, and do not open again for all. */
  private isolation(workload: Workload): WorkloadBox['isolation'] {
    const { ingress, egress } = isolationOf(this.model, workload);
    const isOpen = (direction: Opening['direction']) =>
      (this.openings.get(workloadId(workload)) ?? []).some(
        (opening) =>
          opening.direction === direction && opening.peer.type === 'anyone' && opening.ports.length === 0,
      );
    return { ingress: ingress && !isOpen('ingress'), egress: egress && !isOpen('egress') };
  }

  /** Clients come in from somewhere that policies must let through to the pods. */
  private drawEntrance({ box, ports, backends }: Entrance): Entrance['box'] {
    const clients = this.outsideBox({
      type: 'outside',
      id: CLIENTS,
      what: 'clients',
      name: 'Clients',
      facts: [],
    });
    this.arrow(clients, box.id, 'traffic', portsLabel(ports));
    const through = new Set<string>();
    const byWorkload = new Map<Workload, { style: ArrowStyle; ports: string[] }>();
    for (const { workload, port } of backends) {
      const text = port === undefined ? ANY_PORT : String(port);
      const found = this.ways(workload, 'ingress', text, ['elsewhere', 'addresses', 'anyone', 'pods']);
      for (const opening of found) {
        this.show(opening, text, workload);
        const name = endName(opening.peer);
        if (name !== undefined) through.add(name);
      }
      const isOpen = found.length > 0 || !this.isolation(workload).ingress;
      const known = byWorkload.get(workload);
      if (known) known.ports.push(text);
      else byWorkload.set(workload, { style: isOpen ? 'traffic' : 'blocked', ports: [text] });
    }
    for (const [workload, { style, ports: open }] of byWorkload) {
      this.arrow(box.id, workloadId(workload), style, portsLabel(open));
    }
    return { ...box, facts: [...box.facts, ...[...through].slice(0, 1).map((name) => `through ${name}`)] };
  }

  /** Databases and caches outside of the input. */
  private drawServers(workload: Workload): void {
    for (const { server } of serverUses(workload)) {
      if (server.workload) continue;
      const port = server.port === undefined ? ANY_PORT : String(server.port);
      const found = this.ways(workload, 'egress', port, ['addresses', 'anyone', 'elsewhere']);
      for (const opening of found) this.show(opening, port, workload);
      const style = !this.isolation(workload).egress ? 'open' : found.length > 0 ? 'allowed' : 'blocked';
      this.arrow(workloadId(workload), this.outsideBox(serverBox(server)), style, portsLabel([port]));
    }
  }

  /** What workloads of the input may, and are told to, say to each other. */
  private drawPairs(): void {
    const pairs = new Pairs();
    for (const workload of this.workloads) {
      for (const { to, port } of wiringsOf(workload)) {
        pairs.of(workload, to).wired.add(port === undefined ? ANY_PORT : String(port));
      }
      for (const { direction, peer, ports } of this.openings.get(workloadId(workload)) ?? []) {
        if (peer.type !== 'workload') continue;
        const [from, to] = direction === 'egress' ? [workload, peer.workload] : [peer.workload, workload];
        const side = direction === 'egress' ? 'out' : 'in';
        const numbers = ports.map((port) => portNumber(port, to));
        for (const port of numbers.length > 0 ? numbers : [ANY_PORT]) pairs.of(from, to)[side].add(port);
      }
    }
    for (const pair of pairs.all) {
      const { from, to } = pair;
      const byStyle = new Map<ArrowStyle, string[]>();
      for (const port of namedPorts([...pair.out, ...pair.in, ...pair.wired])) {
        const sends =
          !this.isolation(from).egress || holds(pair.out, port) || this.isOpen(from, 'egress', port, to);
        const takes =
          !this.isolation(to).ingress || holds(pair.in, port) || this.isOpen(to, 'ingress', port, from);
        const isClosed = this.isolation(from).egress || this.isolation(to).ingress;
        const style: ArrowStyle = sends && takes ? (isClosed ? 'allowed' : 'open') : 'blocked';
        byStyle.set(style, [...(byStyle.get(style) ?? []), port]);
      }
      for (const [style, ports] of byStyle) {
        if (workloadId(from) === workloadId(to)) {
          if (style !== 'blocked') this.fact(from, `among its own pods: ${portsLabel(ports)}`);
        } else {
          // Where nothing is closed, "any port" would only say that nobody knows which.
          const label = style === 'open' && ports.includes(ANY_PORT) ? '' : portsLabel(ports);
          this.arrow(workloadId(from), workloadId(to), style, label);
        }
      }
    }
  }

  /** What is open to others than workloads of the input. */
  private drawOpenings(workload: Workload): void {
    const general = new Map<string, string[]>();
    for (const opening of this.openings.get(workloadId(workload)) ?? []) {
      const { peer, direction } = opening;
      if (this.shown.has(opening) || peer.type === 'workload') continue;
      const named = opening.ports.map((port) =>
        direction === 'ingress' ? portNumber(port, workload) : port,
      );
      const ports = named.length > 0 ? named : [ANY_PORT];
      if (peer.type === 'anyone' || peer.type === 'pods') {
        if (!this.isolation(workload)[direction]) continue;
        const who = generalText(peer, direction);
        general.set(who, [...(general.get(who) ?? []), ...ports]);
        continue;
      }
      const other = this.outsideBox(
        peer.type === 'elsewhere' ? namespaceBox(peer.namespace) : addressesBox(peer.blocks),
      );
      const [from, to] =
        direction === 'ingress' ? [other, workloadId(workload)] : [workloadId(workload), other];
      this.arrow(from, to, 'allowed', portsLabel(ports));
    }
    for (const [who, ports] of general) this.fact(workload, `${who}: ${portsLabel(ports)}`);
  }

  /** Openings of a workload for a port, to or from some sorts of peers. */
  private ways(
    workload: Workload,
    direction: Opening['direction'],
    port: string,
    types: readonly End['type'][],
  ): Opening[] {
    return (this.openings.get(workloadId(workload)) ?? []).filter(
      (opening) =>
        opening.direction === direction &&
        types.includes(opening.peer.type) &&
        opensPort(opening, port, direction === 'ingress' ? workload : undefined),
    );
  }

  /** Whether a workload is open, without naming the other, for its pods. */
  private isOpen(
    workload: Workload,
    direction: Opening['direction'],
    port: string,
    other: Workload,
  ): boolean {
    return this.ways(workload, direction, port, ['anyone', 'pods']).some(
      ({ peer }) => peer.type !== 'pods' || peer.of === 'cluster' || other.namespace === workload.namespace,
    );
  }

  /** An opening of this one port needs no arrow of its own any more. */
  private show(opening: Opening, port: string, workload: Workload): void {
    const isOnlyOne = opening.ports.length === 1 && portNumber(opening.ports[0] ?? '', workload) === port;
    if (isOnlyOne && opening.peer.type !== 'anyone' && opening.peer.type !== 'pods') this.shown.add(opening);
  }
}

function opensPort({ ports }: Opening, port: string, to: Workload | undefined): boolean {
  if (ports.length === 0 || port === ANY_PORT) return true;
  return holds(
    ports.map((one) => (to ? portNumber(one, to) : one)),
    port,
  );
}

/** "Any port" says nothing beside ports that are named. */
function namedPorts(ports: readonly string[]): string[] {
  const named = [...new Set(ports)].filter((port) => port !== ANY_PORT);
  return named.length > 0 ? named : [...new Set(ports)];
}

function endName(peer: End): string | undefined {
  if (peer.type === 'elsewhere') return peer.namespace;
  return peer.type === 'addresses' ? blocksText(peer.blocks) : undefined;
}

function generalText(peer: End, direction: Opening['direction']): string {
  const who =
    peer.type === 'anyone'
      ? direction === 'ingress'
        ? 'anyone'
        : 'anywhere'
      : peer.type === 'pods' && peer.of === 'cluster'
        ? 'any pod'
        : 'any pod of its namespace';
  return `${direction === 'ingress' ? 'from' : 'to'} ${who}`;
}
