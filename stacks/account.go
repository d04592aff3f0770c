package stacks

// accountStack is archive and trail in one account that belongs to no
// organization: where one starts, and short of a separate audit account.
func (p *program) accountStack() error {
	provider, err := p.provider("account", p.cfg.Account, p.cfg.Region, false)
	if err != nil {
		return err
	}
	archive, err := p.archive(provider)
	if err != nil {
		return err
	}
	p.todo = append(p.todo, "keep the archive in an account of its own once there is an organization: here, who administers the account administers its evidence")
	return p.trail(provider, fromArchive(archive), archive.Ready())
}
