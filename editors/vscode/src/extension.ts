// Starts `msrun lsp` for open plans, and says what to do where there is no such command.
import * as vscode from "vscode";
import { LanguageClient, ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("msrun.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("msrun")) await restart();
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  if (old?.isRunning()) await old.stop();
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("msrun");
  const [command = "msrun", ...first] = settings.get<string[]>("command", ["msrun"]);
  const server: ServerOptions = { command, args: [...first, "lsp", "--lang", settings.get("language", "en")] };
  client = new LanguageClient("msrun", "msrun plan", server, { documentSelector: [{ language: "plan" }] });
  try {
    await client.start();
  } catch {
    const install = 'pip install "msrun[editor]"';
    const answer = await vscode.window.showErrorMessage(
      `\`${command} lsp\` does not start. Install it with \`${install}\`, or say in the settings where msrun lies.`,
      "Settings",
    );
    if (answer) await vscode.commands.executeCommand("workbench.action.openSettings", "msrun.command");
  }
}
