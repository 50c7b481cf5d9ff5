package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/gitfs"
)

// other loads the version that --against names.
func (p *replaying) other(ctx context.Context, now *config.Config) (*edition, error) {
	hooks := p.hooks.again()
	if revision, ok := strings.CutPrefix(p.against, "git:"); ok {
		return p.revision(ctx, hooks, now, revision)
	}
	info, err := os.Stat(p.against)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("want a folder, a config or git:REVISION: there is no %s", p.against)
	case err != nil:
		return nil, err
	case len(hooks.scripts) > 1 && !info.IsDir():
		return nil, fmt.Errorf("%s: want a folder with the other versions of %d scripts, got a file", p.against, len(hooks.scripts))
	case len(hooks.scripts) > 0 && !info.IsDir():
		hooks.scripts = []string{p.against}
	case len(hooks.scripts) > 0:
		hooks.scripts = nil
		for _, h := range now.Services[serviceNames(now)[0]].Hooks {
			hooks.scripts = append(hooks.scripts, filepath.Join(p.against, filepath.FromSlash(h.Script)))
		}
	case info.IsDir():
		hooks.config = filepath.Join(p.against, filepath.Base(p.hooks.config))
	default:
		hooks.config = p.against
	}
	hooks.configIsDefault = false
	cfg, err := hooks.load()
	if err != nil {
		return nil, err
	}
	if len(hooks.scripts) > 0 {
		nameAlike(cfg, now)
	}
	return &edition{runner: newRunner(hooks, cfg)}, nil
}

// nameAlike gives the hooks of scripts without a config the names of those that they stand in for: a script of another
// name is another version, and no other hook.
func nameAlike(then, now *config.Config) {
	for service, s := range then.Services {
		for i := range s.Hooks {
			s.Hooks[i].Name = now.Services[service].Hooks[i].Name
		}
	}
}

// revision loads the config as it was in a revision of the repository that it is in.
func (p *replaying) revision(ctx context.Context, hooks *selection, now *config.Config, revision string) (*edition, error) {
	revision, file, named := strings.Cut(revision, ":")
	if named && now.Path == "" {
		return nil, fmt.Errorf("git:%s:%s names a config: --script wants git:%s", revision, file, revision)
	}
	at := now.Scripts
	if now.Path != "" {
		at = filepath.Dir(now.Path)
	}
	tree, prefix, err := gitfs.Open(ctx, at, revision)
	if err != nil {
		return nil, err
	}
	v := &edition{from: "git:" + revision + ":"}
	if now.Path == "" {
		scripts := *now // which gets a service for each that a record names
		scripts.Services = maps.Clone(now.Services)
		scripts.FS, scripts.Scripts = tree, path.Join(prefix, ".")
		v.runner = newRunner(hooks, &scripts)
		return v, nil
	}
	if !named {
		file = path.Join(prefix, filepath.Base(now.Path))
	}
	file = path.Clean(file)
	if _, err := fs.Stat(tree, file); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no %s: git:%s:PATH names another config of the repository", v.from[:len(v.from)-1], file, revision)
	}
	cfg, err := config.Parse(tree, file)
	if err != nil {
		return nil, v.failed(err)
	}
	v.runner = newRunner(hooks, cfg)
	return v, nil
}
