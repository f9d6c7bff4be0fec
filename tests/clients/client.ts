// What a TypeScript client takes from the generated types: this must compile.
import type { components, operations, paths } from "./registry";

type Project = components["schemas"]["Project"];
type Query = NonNullable<operations["list_projects"]["parameters"]["query"]>;
type Summary = paths["/api/v1/summaries/projects"]["get"]["responses"]["200"]["content"]["application/json"];
type Input = operations["create_project"]["requestBody"]["content"]["application/json"];

export const query: Query = { nation: ["US", "IN"], area: ["climate"], sort: ["-launch_date"], limit: 3 };
export const input: Input = { name: "Client Check", status: "proposed", nations: [{ nation: "IN", role: "lead" }] };

export function launched(project: Project): string {
    return `${project.name}: ${project.launch_date ?? "not yet"}, version ${project.version}`;
}

export function largest(summary: Summary): string | undefined {
    const [group] = summary.groups;
    return group && `${group.label.nation?.en} ${group.count} ${group.href}`;
}

// @ts-expect-error: no such status
export const wrong: Input = { name: "Client Check", status: "flying" };
