import { basename } from 'node:path';
import { pathTo } from '../../json';
import { thrown } from '../../known/applications';
import { sharingOf } from '../../known/storage';
import type { KubernetesObject } from '../../kubernetes-object';
import type { Container, Model, Volume } from '../../model';
import type { Rule } from '../../rule';

interface Sqlite {
  readonly file: string;
  /** The field that must change. */
  readonly object: KubernetesObject;
  readonly path: string;
  readonly fix: string;
}

/** SQLite where several machines write: its locks do not hold over a network, and the file is damaged. */
export const sqliteOnSharedVolume: Rule = {
  id: 'storage/sqlite-on-shared-volume',
  severity: 'error',
  description:
    'An SQLite database on a network file system with more than one replica: locks do not hold, and the database is damaged.',
  *check(model: Model) {
    for (const { replicas, runningContainers } of model.workloads) {
      if (replicas.possible < 2) continue;
      for (const container of runningContainers) {
        for (const { file, object, path, fix } of databases(container)) {
          const volume = container.mountOf(file)?.volume;
          if (!volume || !isNetworkFileSystem(volume)) continue;
          yield {
            object,
            path,
            message: `${container.application?.name ?? `Container ${container.name}`} keeps an SQLite database in ${file}, on a network file system that ${replicas.text} write to: locks do not hold there, and the database is damaged.`,
            fix,
          };
        }
      }
    }
  },
};

function* databases(container: Container): Generator<Sqlite> {
  const { application, settings, workload } = container;
  const found = new Set<string>();
  for (const { name, value, object, path } of settings.all) {
    const file = value === undefined ? undefined : sqliteFile(value);
    if (file === undefined || found.has(file)) continue;
    found.add(file);
    yield { file, object, path, fix: `Set ${name} to a PostgreSQL or MySQL database.` };
  }
  // A Secret that nobody can read may set the database.
  if (!application?.sqlite || found.size > 0 || settings.unread.length > 0) return;
  const { file, folderSetting, folderIf, replacedBy } = application.sqlite;
  if (thrown(replacedBy, settings)) return;
  const isMoved =
    folderSetting !== undefined && (folderIf === undefined || thrown([folderIf], settings) !== undefined);
  const folder = isMoved ? settings.value(folderSetting) : undefined;
  const [by] = replacedBy;
  yield {
    file: folder ? `${folder.replace(/\/$/, '')}/${basename(file)}` : file,
    object: workload.object,
    path: pathTo(container.path, 'env'),
    fix: `Set ${by?.setting} so that it uses PostgreSQL (${application.source}).`,
  };
}

/** The file of an SQLite URL (`sqlite:////data/app.db`, `file:/data/app.db`) or of a bare path. */
function sqliteFile(value: string): string | undefined {
  const match = /^(?:sqlite3?(?:\+\w+)?:(?:\/\/\/?)?|file:(?:\/\/)?)?(\/[^?\s]+)/i.exec(value);
  const isUrl = /^sqlite/i.test(value);
  const file = match?.[1]?.replace(/^\/\//, '/');
  return file !== undefined && (isUrl || /\.(?:db|sqlite3?)$/i.test(file)) ? file : undefined;
}

function isNetworkFileSystem({ type, source, claim }: Volume): boolean {
  if (claim) {
    if (claim.perPod || claim.storage?.sharing === 'block') return false;
    return claim.storage?.sharing === 'shared' || claim.accessModes.includes('ReadWriteMany');
  }
  const driver = type === 'csi' && typeof source.driver === 'string' ? source.driver : '';
  return ['nfs', 'cephfs', 'glusterfs', 'azureFile'].includes(type) || sharingOf(driver) === 'shared';
}
