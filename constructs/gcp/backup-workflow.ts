/** What a run needs to know; all texts are known when it is deployed. */
export interface BackupWorkflow {
  readonly project: string;
  readonly region: string;
  /** Beginning of the backups' names, and their label. */
  readonly name: string;
  /** `projects/PROJECT/locations/LOCATION/instances/NAME`. */
  readonly instanceId: string;
  readonly shareName: string;
  readonly retentionDays: number;
}

const API = 'https://file.googleapis.com/v1';
const AUTH = { type: 'OAuth2' };
const expression = (text: string) => `\${${text}}`;

/**
 * The program of Google Cloud Workflows that makes one backup and then deletes those of this plan that are too old. In
 * JSON, which Workflows takes as well as YAML. An old one goes only after a new one was begun.
 */
export function backupWorkflow(workflow: BackupWorkflow): string {
  const { project, region, name, instanceId, shareName, retentionDays } = workflow;
  const backups = `${API}/projects/${project}/locations/${region}/backups`;
  const steps = [
    { now: { assign: [{ id: expression(`"${name}-" + string(int(sys.now()))`) }] } },
    {
      create: {
        call: 'http.post',
        args: {
          url: backups,
          auth: AUTH,
          query: { backupId: expression('id') },
          body: {
            sourceInstance: instanceId,
            sourceFileShare: shareName,
            labels: { 'polypod-component': name },
          },
        },
        result: 'created',
      },
    },
    {
      list: {
        call: 'http.get',
        args: {
          url: backups,
          auth: AUTH,
          query: { filter: `labels.polypod-component="${name}"`, pageSize: 1000 },
        },
        result: 'listed',
      },
    },
    {
      expire: {
        for: {
          value: 'backup',
          in: expression('default(map.get(listed.body, "backups"), [])'),
          steps: [
            {
              age: {
                switch: [
                  {
                    condition: expression(
                      `backup.state == "READY" and sys.now() - time.parse(backup.createTime) > ${retentionDays * 86_400}`,
                    ),
                    steps: [
                      {
                        remove: {
                          call: 'http.delete',
                          args: { url: expression(`"${API}/" + backup.name`), auth: AUTH },
                        },
                      },
                    ],
                  },
                ],
              },
            },
          ],
        },
      },
    },
    { done: { return: expression('created.body.name') } },
  ];
  return JSON.stringify({ main: { steps } });
}
