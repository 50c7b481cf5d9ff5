package localdir

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// content is how the folder of a new share is made.
type content struct {
	owner, group int // -1 for those of the process
	mode         fs.FileMode
}

const defaultMode = 0o755

func (o *Options) content() content {
	c := content{owner: -1, group: -1, mode: o.Mode}
	if o.Owner != nil {
		c.owner = *o.Owner
	}
	if o.Group != nil {
		c.group = *o.Group
	}
	if c.mode == 0 {
		c.mode = defaultMode
	}
	return c
}

// make makes the folder. The mode is set last, by chmod: the process's umask does not apply to that, and changing the
// owner drops set-id bits.
func (c content) make(root *os.Root, name string) error {
	if err := root.Mkdir(name, defaultMode); err != nil {
		return err
	}
	if c.owner >= 0 || c.group >= 0 {
		if err := root.Chown(name, c.owner, c.group); err != nil {
			return err
		}
	}
	if c.mode == defaultMode {
		return nil // as far as the umask allows
	}
	return root.Chmod(name, c.mode)
}

func (o *Options) exporting() string {
	options := o.ExportOptions
	if options == nil {
		options = []string{"sync", "no_subtree_check"}
	}
	var b strings.Builder
	for _, option := range options {
		b.WriteString("," + option)
	}
	return b.String()
}

// check refuses options that could not be applied, or that would mean something else in exports.
func (o *Options) check() error {
	if o.Owner != nil && *o.Owner < 0 || o.Group != nil && *o.Group < 0 {
		return fmt.Errorf("options.owner, options.group: want 0 or more")
	}
	if o.Mode&^(fs.ModePerm|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0 {
		return fmt.Errorf("options.mode: want permissions, got %v", o.Mode)
	}
	for i, option := range o.ExportOptions {
		if option == "" || strings.ContainsFunc(option, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`(),#"\`, r) }) {
			return fmt.Errorf("options.export_options[%d]: want one option of exports(5), got %q", i, option)
		}
		if option == "rw" || option == "ro" {
			return fmt.Errorf("options.export_options[%d]: %q comes from the access rule", i, option)
		}
	}
	return nil
}
