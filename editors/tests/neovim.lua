-- Drives Neovim's own client against `msrun lsp`; prints one JSON object with what it was told.
local root, command = vim.env.PLANS, vim.json.decode(vim.env.MSRUN)
local file = root .. "/x.plan"
vim.cmd("edit " .. file)
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({ name = "msrun", cmd = command, root_dir = root })
vim.lsp.buf_attach_client(buffer, client)

local function wait(what, done)
  assert(vim.wait(60000, done, 20), "never came: " .. what)
end

local function request(method, params)
  local answers = assert(vim.lsp.buf_request_sync(buffer, method, params, 60000))
  return answers[client]
end

local function at(line, character)
  return { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = line, character = character } }
end

wait("the client", function() return vim.lsp.buf_is_attached(buffer, client) end)
wait("findings", function() return #vim.diagnostic.get(buffer) > 0 end)
local told = { codes = vim.tbl_map(function(each) return each.code end, vim.diagnostic.get(buffer)) }

vim.api.nvim_buf_set_lines(buffer, 2, 3, false, { '  solve answer from 问题 { prompt: "🙂 {{ 问题 }}" }' })
wait("no findings", function() return #vim.diagnostic.get(buffer) == 0 end)
told.hover = request("textDocument/hover", at(2, 8)).result
told.completion = request("textDocument/completion", at(2, 41)).result
told.symbols = request("textDocument/documentSymbol", { textDocument = at(0, 0).textDocument }).result
local renamed = request("textDocument/rename", vim.tbl_extend("force", at(2, 20), { newName = "frage" })).result
vim.lsp.util.apply_workspace_edit(renamed, vim.lsp.get_client_by_id(client).offset_encoding)
told.renamed = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
io.stdout:write(vim.json.encode(told))
vim.lsp.stop_client(client)
wait("the end", function() return vim.lsp.client_is_stopped(client) end)
vim.cmd("qall!")
